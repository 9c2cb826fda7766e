using Agora.Application.Values;

namespace Agora.Web.Lists;

/// <summary>What a list comes to, or why that is not known; neither where nobody asked.</summary>
internal readonly record struct Totals(TotalsData? Data, string? Unknown)
{
    public Totals(TotalsData data)
        : this(data, null)
    {
    }

    public Totals(string unknown)
        : this(null, unknown)
    {
    }
}

/// <summary>A list of what costs something.</summary>
internal abstract record TotalledListData : ListData
{
    /// <summary>Of all that match, not of this page. Null: nobody asked for it, or TotalsUnknown says why.</summary>
    public TotalsData? Totals { get; init; }

    /// <summary>Why there are none though they were asked for, and what would have them.</summary>
    public string? TotalsUnknown { get; init; }
}

/// <param name="Count">Of payments.</param>
/// <param name="RefundedCents">What was given back of them, whenever that was.</param>
/// <param name="From">Included; null: from the first payment on.</param>
/// <param name="To">Excluded; null: all that follow.</param>
internal sealed record TotalsData(long Count, Cents AmountCents, Cents RefundedCents, DateTimeOffset? From, DateTimeOffset? To)
{
    public const string Example = """{"count":1,"amount_cents":25,"refunded_cents":10,"from":"2030-01-01T00:00:00.000000Z","to":null}""";
}
