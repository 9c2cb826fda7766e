using static Agora.Journal.SqlTables;

namespace Agora.Journal;

/// <summary>
/// The statements for sums by the day. Parameters, in order: tenant, from, to, then the value and the kept column as far as they are named. Kept sums are
/// found by one search for each day; days before the first and after the last one are not looked at.
/// </summary>
internal static class SqlDays
{
    public static void Check(DaysQuery query)
    {
        TableValues.Check(query.Summed.Table, [query.Summed.Id, query.Summed.At, query.Summed.Amount, .. query.Column is { } column ? [column] : Array.Empty<string>()]);
        if ((query.Column is null) != (query.Value is null)) throw new ArgumentException("a value goes with a column");
    }

    public static void Check(ActiveQuery query)
    {
        if (!query.Summed.Kept.Contains(query.Column, StringComparer.Ordinal) && !query.Summed.Parts.ContainsKey(query.Column))
        {
            throw new ArgumentException($"nothing is kept by {query.Column}");
        }
    }

    public static object?[] Values(DaysQuery query) => query switch
    {
        { IsKept: false } => [query.Tenant, query.FromDay * DaysQuery.DayMicros, query.ToDay * DaysQuery.DayMicros, query.Value],
        { Column: null } => [query.Tenant, query.FromDay, query.ToDay],
        _ => [query.Tenant, query.FromDay, query.ToDay, query.Value, query.Summed.Parts.GetValueOrDefault(query.Column, query.Column)],
    };

    /// <param name="days">A table of one column, day, with the days of the range.</param>
    /// <param name="named">The parameter by its place.</param>
    public static string Kept(DaysQuery query, string days, Func<int, string> named)
    {
        var which = query.Column is null ? "d.kind = '' AND d.id = ''"
            : $"d.kind = {named(4)} AND d.{(query.Summed.Parts.ContainsKey(query.Column) ? "part" : "id")} = {named(3)}";
        return $"FROM {days} CROSS JOIN {DaysOf(query)} d WHERE d.tenant = {named(0)} AND d.day = days.day AND {which}";
    }

    /// <summary>Of what waits to be added to the kept sums, where a store has it in a table of its own.</summary>
    public static string Waiting(DaysQuery query, Func<int, string> named) =>
        $"FROM {Name(query.Summed.Table.Name + "_days_waiting")} w WHERE w.tenant = {named(0)} AND w.day >= {named(1)} AND w.day < {named(2)}"
        + (query.Column is { } column ? $" AND w.{Name(column)} = {named(3)}" : "");

    /// <summary>Of a tenant that has none no day is looked at: PostgreSQL's least and greatest pass over null, so the end is the beginning then.</summary>
    public static string Bounded(DaysQuery query, string least, string most, Func<int, string> named) =>
        $"SELECT {most}({named(1)}, (SELECT min(day) FROM {DaysOf(query)} WHERE tenant = {named(0)})) AS first, "
        + $"{least}({named(2)}, coalesce((SELECT max(day) FROM {DaysOf(query)} WHERE tenant = {named(0)}) + 1, {named(1)})) AS beyond";

    public static string AddedUp(DaysQuery query, Func<int, string> named)
    {
        var (summed, of) = (query.Summed, query.Summed.Returned);
        var at = $"t.{Name(summed.At)}";
        return $"SELECT count(id) AS count, sum(amount) FILTER (WHERE id IS NOT NULL) AS amount, sum(returned) AS returned, count(*) AS looked "
            + $"FROM (SELECT t.{Name(summed.Id)} AS id, t.{Name(summed.Amount)} AS amount, coalesce(r.{Name(summed.ReturnedAmount)}, 0) AS returned "
            + $"FROM {Name(summed.Table.Name)} t LEFT JOIN {Name(of.Name)} r ON r.tenant = t.tenant AND r.{Name(summed.Id)} = t.{Name(summed.Id)} "
            + $"WHERE t.tenant = {named(0)} AND t.{Name(query.Column!)} = {named(3)} AND {at} >= {named(1)} AND {at} < {named(2)} LIMIT {DaysQuery.AddedUpTo + 1}) AS added";
    }

    public static object?[] Values(ActiveQuery query) =>
        [query.Tenant, query.FromDay - query.Within, query.ToDay, query.Summed.Parts.GetValueOrDefault(query.Column, query.Column), query.FromDay, (long)query.Within];

    /// <summary>Parameters, in order: tenant, from with the days before, to, the kept column, from, the days before.</summary>
    /// <param name="days">A table of one column, day, with the days of the first two.</param>
    /// <param name="named">The parameter by its place.</param>
    public static string Active(ActiveQuery query, string days, Func<int, string> named)
    {
        Check(query);
        var id = query.Summed.Parts.ContainsKey(query.Column) ? "part" : "id";
        return $"SELECT day, count(*), sum(back) FROM (SELECT day, CASE WHEN day - lag(day) OVER (PARTITION BY id ORDER BY day) <= {named(5)} THEN 1 ELSE 0 END AS back "
            + $"FROM (SELECT DISTINCT d.day, d.{id} AS id FROM {days} CROSS JOIN {Name(query.Summed.Table.Name + "_days")} d "
            + $"WHERE d.tenant = {named(0)} AND d.day = days.day AND d.kind = {named(3)} AND d.payments > 0) active) told WHERE day >= {named(4)} GROUP BY day ORDER BY day";
    }

    private static string DaysOf(DaysQuery query) => Name(query.Summed.Table.Name + "_days");
}
