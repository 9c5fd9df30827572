# app.rb COMMAND DATABASE: an application written with ActiveRecord, Rails' models.
#
# COMMAND is schema (what rails db:migrate makes), fill, read (every row of every table through the
# models, as JSON) or insert (a row into each table; prints the keys they got).  DATABASE is a SQLite
# file, or the name of a PostgreSQL database (PGHOST, PGPORT and PGUSER say where).
require 'active_record'
require 'bigdecimal'
require 'json'
require 'logger'

command, database = ARGV
ActiveRecord::Base.establish_connection(
  database.include?('/') ? { adapter: 'sqlite3', database: database } : { adapter: 'postgresql', database: database, username: ENV['PGUSER'] }
)
ActiveRecord::Migration.verbose = false
# the application shows times in Berlin's zone; what it stores is UTC, as Rails does unless told otherwise
Time.zone = 'Europe/Berlin'
ActiveRecord::Base.time_zone_aware_attributes = true

VERSION = ActiveRecord::Migration.current_version

class MakeTables < ActiveRecord::Migration[VERSION]
  def change
    create_table :kinds do |t|
      t.string :line
      t.string :short, limit: 20
      t.text :words
      t.integer :whole
      t.integer :small, limit: 2
      t.bigint :big
      t.float :floating
      t.decimal :amount, precision: 12, scale: 2
      t.decimal :exact, precision: 15, scale: 5
      t.datetime :moment
      t.timestamp :stamp
      t.time :clock
      t.date :day
      t.binary :bytes
      t.boolean :flag
      t.json :document
      t.timestamps null: true
    end
    create_table :owners do |t|
      t.string :name, null: false, index: { unique: true }
      t.boolean :admin, null: false, default: false
      t.decimal :balance, precision: 10, scale: 2, default: '0.0', null: false
      t.references :parent, foreign_key: { to_table: :owners }
      t.timestamps
    end
    create_table :pets, id: false do |t|
      t.string :code, primary_key: true
      t.references :owner, null: false, foreign_key: true
      t.date :born, null: false
      t.time :fed_at
    end
    create_join_table :owners, :kinds do |t|
      t.index %i[owner_id kind_id], unique: true
    end
    create_table :notes do |t|
      t.references :about, polymorphic: true
      t.text :body, null: false, default: ''
      t.integer :lock_version, null: false, default: 0
    end
    add_check_constraint :owners, 'balance >= 0', name: 'balance_not_negative' if respond_to?(:add_check_constraint) || VERSION >= 6.1
  end
end

class Kind < ActiveRecord::Base; has_and_belongs_to_many :owners; end
class Owner < ActiveRecord::Base
  has_and_belongs_to_many :kinds
  belongs_to :parent, class_name: 'Owner', optional: true
end
class Pet < ActiveRecord::Base; belongs_to :owner; end
class Note < ActiveRecord::Base; belongs_to :about, polymorphic: true, optional: true; end
class Link < ActiveRecord::Base; self.table_name = 'kinds_owners'; end
MODELS = [Kind, Owner, Pet, Note, Link].freeze

def make_schema(connection)
  connection.schema_cache.clear!
  pool = ActiveRecord::Base.connection
  ActiveRecord::SchemaMigration.respond_to?(:create_table) && ActiveRecord::SchemaMigration.create_table
  ActiveRecord::InternalMetadata.respond_to?(:create_table) && ActiveRecord::InternalMetadata.create_table
  pool.execute('CREATE TABLE IF NOT EXISTS schema_migrations (version varchar NOT NULL PRIMARY KEY)') unless pool.table_exists?('schema_migrations')
  MakeTables.migrate(:up)
  pool.execute("INSERT INTO schema_migrations (version) VALUES ('20240101000000')")
end

def fill
  Kind.create!(created_at: nil, updated_at: nil)
  [
    { whole: 2**31 - 1, small: 32_767, big: 2**63 - 1, flag: true },
    { whole: -2**31, small: -32_768, big: -2**63, flag: false },
    { line: '', short: '', words: '', bytes: '' },
    { line: '007', short: '1e5', words: '2024-01-31' }, { line: 'true', short: '0x1F', words: 'NaN' },
    { line: "ÄÖÜ it's \\ \"x\"", words: "line\nline\t'; 💥", bytes: (0..255).to_a.pack('C*') },
    *[0.1, 1e308, 5e-324, -2.5, 3.0, 1.0 / 3].map { |number| { floating: number } },
    *%w[0 0.1 -99.95 12345.67 1000].map { |text| { amount: BigDecimal(text), exact: BigDecimal(text) } },
    *[[2024, 3, 31, 2, 30, 0], [2024, 3, 31, 1, 30, 0], [2024, 10, 27, 0, 30, 0], [2024, 6, 30, 15, 0, Rational(1, 1_000_000)], [1969, 12, 31, 23, 59, 59.5r], [1, 1, 1, 0, 0, 0],
      [9999, 12, 31, 23, 59, 59]].map { |parts| { moment: Time.utc(*parts), stamp: Time.utc(*parts) } },
    *['00:00', '07:30', '23:59:59', '12:34:56.789012', '02:30'].map { |text| { clock: "#{text} UTC" } },
    *%w[0001-01-01 2024-02-29 9999-12-31].map { |text| { day: text } },
    *[{}, [], 'text', 0, -1.5, true, { 'a' => nil, 'ü' => [1, { 'b' => "\\\"\n" }] }, 12_345_678_901_234_567_890, ''].map { |document| { document: document } }
  ].each { |values| Kind.create!(values) }
  owners = (1..5).map { |number| Owner.create!(name: "owner'#{number}", balance: number / 4r, admin: number.odd?) }
  owners.first.update!(parent: owners.last)
  owners.each { |owner| owner.kinds << Kind.order(:id).first(3) }
  owners.each { |owner| Pet.new(owner: owner, born: '2020-02-29', fed_at: '06:15 UTC') .tap { |pet| pet.code = "p-#{owner.id}" }.save! }
  owners.each { |owner| Note.create!(about: owner, body: 'x') }
  # the greatest number goes: SQLite's AUTOINCREMENT does not give it out again
  Kind.create!(line: 'gone').destroy!
  Note.create!(body: 'gone').destroy!
end

def insert
  kind = Kind.create!(line: 'new', moment: Time.utc(2024, 1, 1), clock: '07:30 UTC', flag: true, document: { 'a' => 1 })
  owner = Owner.create!(name: 'new', kinds: [kind])
  Pet.new(owner: owner, born: '2024-01-01').tap { |pet| pet.code = 'new' }.save!
  note = Note.create!(about: owner)
  { kinds: kind.id, owners: owner.id, notes: note.id }
end

# The value as the model gives it, written down; equal texts are equal values of one type.
def plain(value, type)
  # the gem gives an empty blob as an empty text
  value = value.b if type == :binary && value
  case value
  when Time, ActiveSupport::TimeWithZone then "time #{value.utc.strftime('%Y-%m-%d %H:%M:%S.%N')}"
  when BigDecimal then "decimal #{value.to_s('F')}"
  when String then "#{value.encoding == Encoding::BINARY ? "bytes #{value.unpack1('H*')}" : "text #{value}"}"
  when Hash, Array then "JSON #{JSON.generate(value)}"
  else "#{value.class} #{value.inspect}"
  end
end

def read
  MODELS.to_h do |model|
    columns = model.column_names
    [model.table_name, model.all.map { |row| columns.map { |name| "#{name}=#{plain(row[name], model.type_for_attribute(name).type)}" } }.sort]
  end
end

case command
when 'schema' then make_schema(ActiveRecord::Base.connection)
when 'fill' then fill
when 'read' then puts JSON.generate(read)
when 'insert' then puts JSON.generate(insert)
end
