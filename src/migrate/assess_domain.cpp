/*
 * assess_domain.cpp
 *    A column of the source against the domain that its column in the target has:
 *    values that the domain's constraints refuse, and whether it takes NULL.
 *
 * Each different value goes through the very converter that the load uses, in a
 * subtransaction, so that what is told is what would happen; what the base type
 * refuses by itself is told of with the types.  A domain is asked about NULL too,
 * since its CHECK may refuse it without a NOT NULL (documentation: CREATE
 * DOMAIN, Notes).
 */
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "dialect/quote.hpp"

#include "convert/convert.hpp"
#include "migrate/findings.hpp"
#include "pg/act_as_owner.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "utils/lsyscache.h"
#include "utils/memutils.h"
}

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_sqlite_identifier;
using dialect::quote_sqlite_literal;

/* Different values of a column that are looked at. */
constexpr size_t kMostValues = 1000;

/* The longest value that is named in a condition for SQLite. */
constexpr size_t kLongestValue = 1000;

/* What a domain has against a value: the name of a constraint, or what there is instead of one;
 * null: nothing.  Lives in the current memory context.  May ereport. */
const char *
Objection(convert::Converter *converter, const convert::SourceValue &value, convert::Arena &arena)
{
	const convert::Place place = {};
	ErrorData *error = nullptr;
	convert::Converted result = converter->Leaf(value, arena);

	if (result.outcome == convert::Outcome::Deferred)
		result = convert::ServerAt(converter, value, place, true, &error);
	if (result.outcome != convert::Outcome::Refused || error == nullptr)
		return nullptr;
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION:
			return error->constraint_name != nullptr
					   ? pg::FromServerEncoding(error->constraint_name)
					   : "NOT NULL";
		case ERRCODE_PLPGSQL_ERROR:
			return "a function of its CHECK";
		default:
			return nullptr;
	}
}

/* A value as SQLite's SQL writes it. */
std::string
Literal(const convert::SourceValue &value)
{
	const std::string bytes = value.storage_class == convert::StorageClass::Text ||
									  value.storage_class == convert::StorageClass::Blob
								  ? std::string(value.bytes, value.size)
								  : std::string();
	char digits[32];

	switch (value.storage_class)
	{
		case convert::StorageClass::Integer:
			return std::to_string(value.integer);
		case convert::StorageClass::Real:
			if (std::isinf(value.real))
				return value.real > 0 ? "9e999" : "-9e999";
			snprintf(digits, sizeof(digits), "%.17e", value.real);
			return digits;
		case convert::StorageClass::Text:
			if (bytes.find('\0') == std::string::npos)
				return quote_sqlite_literal(bytes);
			break;
		default:
			break;
	}

	std::string hexadecimal = "x'";

	for (const char byte : bytes)
	{
		snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(byte));
		hexadecimal += digits;
	}
	hexadecimal += "'";
	return value.storage_class == convert::StorageClass::Blob ? hexadecimal
															  : "CAST(" + hexadecimal + " AS TEXT)";
}

/* One column of the source and the domain that it goes into. */
class DomainCheck
{
public:
	DomainCheck(Assessment &assessment, const sqlite::Table &table, const sqlite::Column &column,
				const plan::TargetTable &existing, const plan::TargetColumn &match,
				values::From from)
		: assessment_(assessment), table_(table), column_(column), match_(match),
		  table_oid_(existing.oid)
	{
		const plan::CastRule *const cast = plan::find_cast(assessment.options, table, column);
		values::ColumnRule rule;

		rule.from = from;
		rule = plan::effective_rule(cast != nullptr ? cast->rule : rule, assessment.options);
		has_default_ = rule.null_value.has_value();

		Oid type = InvalidOid;
		int32 typmod = -1;

		pg::PgCall(
			[&]
			{
				Oid collation;

				context_ = AllocSetContextCreate(CurrentMemoryContext, "sqlite_import assess",
												 ALLOCSET_SMALL_SIZES);
				value_context_ =
					AllocSetContextCreate(context_, "sqlite_import value", ALLOCSET_SMALL_SIZES);
				get_atttypetypmodcoll(
					existing.oid,
					get_attnum(existing.oid, pg::ToServerEncoding(match.name.c_str())), &type,
					&typmod, &collation);
			});
		converter_ = convert::MakeConverter(context_, match.name.c_str(), type, typmod, rule);
	}

	~DomainCheck()
	{
		/* after an error it goes with the context that it was made in */
		if (std::uncaught_exceptions() == 0)
			MemoryContextDelete(context_);
	}

	DomainCheck(const DomainCheck &) = delete;
	DomainCheck &operator=(const DomainCheck &) = delete;

	bool
	TakesNull()
	{
		const pg::ActAsOwner owner(table_oid_);

		return pg::PgCall([this] { return converter_->TakesNull(); });
	}

	void CheckNulls();
	void CheckValues();

private:
	const char *Ask(const convert::SourceValue &value);
	void Tell(const std::string &constraint, const std::vector<std::string> &literals);
	void Add(Severity severity, std::string text, const std::string &suggestion,
			 const SourceRows &rows);

	Assessment &assessment_;
	const sqlite::Table &table_;
	const sqlite::Column &column_;
	const plan::TargetColumn &match_;
	Oid table_oid_; /* of the target */
	bool has_default_ = false;
	MemoryContext context_ = nullptr;
	MemoryContext value_context_ = nullptr;
	convert::Converter *converter_ = nullptr;
	convert::Arena arena_;
};

void
DomainCheck::Add(Severity severity, std::string text, const std::string &suggestion,
				 const SourceRows &rows)
{
	Finding finding =
		MakeFinding(severity, "column", table_.name, column_.name, std::move(text), suggestion);

	finding.row_count = rows.count;
	finding.sample_rowids = rows.rowids;
	assessment_.Add(std::move(finding));
}

void
DomainCheck::CheckNulls()
{
	if (has_default_ || match_.not_null || column_.not_null || TakesNull())
		return;

	const SourceRows rows =
		assessment_.Find(table_, quote_sqlite_identifier(column_.name) + " IS NULL");

	if (rows.count == 0)
		return;

	Add(Severity::Error, "NULL, and the target's domain " + match_.type + " takes none",
		"casts => {\"table.column\": {\"default\": \"...\"}}, or mend the rows", rows);
}

const char *
DomainCheck::Ask(const convert::SourceValue &value)
{
	const pg::ActAsOwner owner(table_oid_);

	arena_.reset();
	MemoryContextReset(value_context_);
	return pg::PgCall(
		[&]
		{
			MemoryContext const previous = MemoryContextSwitchTo(value_context_);
			const char *const objection = Objection(converter_, value, arena_);

			MemoryContextSwitchTo(previous);
			return objection;
		});
}

void
DomainCheck::CheckValues()
{
	const std::string name = quote_sqlite_identifier(column_.name);
	sqlite::Statement statement = assessment_.database.prepare(
		"SELECT DISTINCT " + name + " COLLATE BINARY FROM " + quote_sqlite_identifier(table_.name) +
		" WHERE " + name + " IS NOT NULL AND length(" + name +
		") <= " + std::to_string(kLongestValue) + " LIMIT " + std::to_string(kMostValues));
	std::map<std::string, std::vector<std::string>> refused;

	while (statement.step())
	{
		convert::SourceValue value;

		if (!convert::ReadValue(statement.handle(), 0, &value))
			throw std::bad_alloc();

		const char *const objection = Ask(value);

		if (objection != nullptr)
			refused[objection].push_back(Literal(value));
	}
	for (const auto &[constraint, literals] : refused)
		Tell(constraint, literals);
}

void
DomainCheck::Tell(const std::string &constraint, const std::vector<std::string> &literals)
{
	std::string list;

	for (const std::string &literal : literals)
		list += (list.empty() ? "" : ", ") + literal;

	const bool null_is_a_way = !match_.not_null && TakesNull();
	const bool stops = assessment_.options.on_error == values::OnError::Stop ||
					   (assessment_.options.on_error == values::OnError::Null && !null_is_a_way);

	Add(stops ? Severity::Error : Severity::Warning,
		"values break the target's domain " + match_.type + ", " + constraint + " (" +
			std::to_string(literals.size()) +
			(literals.size() == 1 ? " different value)" : " different values)"),
		std::string("casts => {\"table.column\": {\"map\": {\"old\": \"new\", ...}}}, or "
					"on_error => 'reject'") +
			(null_is_a_way ? " or 'null'" : ""),
		assessment_.Find(table_, quote_sqlite_identifier(column_.name) + " COLLATE BINARY IN (" +
									 list + ")"));
}

} /* namespace */

bool
AssessDomain(Assessment &assessment, const sqlite::Table &table, const sqlite::Column &column,
			 const plan::TargetTable &existing, const plan::TargetColumn &match, values::From from)
{
	DomainCheck check(assessment, table, column, existing, match, from);

	check.CheckNulls();
	check.CheckValues();
	return check.TakesNull();
}

} /* namespace sqlite_import::migrate */
