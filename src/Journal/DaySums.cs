namespace Agora.Journal;

/// <summary>
/// A table whose sums are kept by the UTC day, in <c>{name}_days</c>, by whatever writes its rows or those of <paramref name="Returned"/>: rows that have
/// an <paramref name="Id"/>, on the day of <paramref name="At"/>. What comes back later counts on that day too.
/// </summary>
/// <param name="Returned">What was given back: a row for each id, under (tenant, id).</param>
/// <param name="Kept">Columns by whose values they are kept.</param>
/// <param name="Parts">Columns that part the sums of a kept one: read by adding up all of its rows of the days.</param>
public sealed record SummedTable(
    TableShape Table,
    string Id,
    string At,
    string Amount,
    TableShape Returned,
    string ReturnedAmount,
    IReadOnlyList<string> Kept,
    IReadOnlyDictionary<string, string> Parts);

/// <param name="Column">Whose rows; null: all of the tenant's.</param>
/// <param name="FromDay">Days since the Unix epoch, UTC.</param>
/// <param name="ToDay">Exclusive.</param>
public sealed record DaysQuery(SummedTable Summed, string Tenant, string? Column, string? Value, long FromDay, long ToDay)
{
    public const long DayMicros = 86_400_000_000;

    /// <summary>Rows of a column that no sums are kept by are added up, as far as this; those that have no part in the sums count to it.</summary>
    public const int AddedUpTo = 10_000;

    internal bool IsKept => Column is null || Summed.Kept.Contains(Column, StringComparer.Ordinal) || Summed.Parts.ContainsKey(Column);
}

public readonly record struct DaySums(long Count, long AmountMicros, long ReturnedMicros);

/// <summary>How many different values of a column have a row, by the UTC day. As what is kept by the day says it: where a store adds that behind the append, a moment behind.</summary>
/// <param name="Column">One of <see cref="SummedTable.Kept"/> or <see cref="SummedTable.Parts"/>.</param>
/// <param name="FromDay">Days since the Unix epoch, UTC.</param>
/// <param name="ToDay">Exclusive.</param>
/// <param name="Within">Days: whoever has a row on one of so many before comes back.</param>
public sealed record ActiveQuery(SummedTable Summed, string Tenant, string Column, long FromDay, long ToDay, int Within);

/// <param name="Count">Of the values that have a row on the day; days on which none has are left out.</param>
/// <param name="Returning">Those of them that come back.</param>
public readonly record struct ActiveDay(long Day, long Count, long Returning);
