namespace Agora.Core.Users;

/// <summary>
/// The most that a user may spend on one service, or on all services of one category, in a day and in a month: a further limit beside the user's own.
/// <para>Once a user was put with any, each service and category of this user's counts, whether it has a cap or not: one that is put, or put again, finds what was
/// spent before it. What was reserved before the first of them is not counted: nobody kept by which service. Bound: <see cref="Kernel.Limits.PartCaps"/> of each kind.</para>
/// </summary>
/// <param name="Kind"><see cref="OfService"/> or <see cref="OfCategory"/>.</param>
/// <param name="Name">The service's id, or the category as an operator wrote it: its case makes no difference.</param>
/// <param name="DailyCapMicros">Null: none.</param>
/// <param name="MonthlyCapMicros">Null: none.</param>
public sealed record PartCap(string Kind, string Name, long? DailyCapMicros, long? MonthlyCapMicros)
{
    public const string OfService = "service";
    public const string OfCategory = "category";

    /// <summary>Stored in accounts' names, which are parted by spaces and colons.</summary>
    public string Part() => Part(Kind, Name);

    public static string Part(string kind, string name) => $"{kind}:{Uri.EscapeDataString(kind == OfCategory ? Folded(name) : name)}";

    /// <summary>Alike for all that scopes take for one category (<see cref="StringComparer.OrdinalIgnoreCase"/>, which compares upper case), and in lower case, for it is shown.</summary>
    public static string Folded(string category) => category.ToUpperInvariant().ToLowerInvariant();

    public static string KindOf(string part) => part[..part.IndexOf(':', StringComparison.Ordinal)];

    public static string NameOf(string part) => Uri.UnescapeDataString(part[(part.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    /// <summary>In the order in which they stand in a definition, whoever put them. Null: none.</summary>
    public static IReadOnlyList<PartCap>? InOrder(IEnumerable<PartCap> caps) =>
        caps.OrderBy(cap => cap.Kind, StringComparer.Ordinal).ThenBy(cap => cap.Name, StringComparer.Ordinal).ToList() is { Count: > 0 } all ? all : null;

    public static bool Same(IReadOnlyList<PartCap>? one, IReadOnlyList<PartCap>? other) => (one ?? []).SequenceEqual(other ?? []);
}
