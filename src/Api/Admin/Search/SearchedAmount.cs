using Agora.Core.Kernel;

namespace Agora.Api.Admin.Search;

/// <summary>Text that says an amount: in cents as everywhere in this API (<c>12.34</c>), or in dollars where it says so (<c>$12.34</c>).</summary>
internal static class SearchedAmount
{
    private const char Dollars = '$';
    private const long MicrosPerDollar = 100 * Money.MicrosPerCent;

    /// <returns>Micros; null: it says none that anything can have.</returns>
    public static long? Read(string text)
    {
        var inDollars = text.StartsWith(Dollars);
        if (!Money.TryParseCents(inDollars ? text.AsSpan(1) : text, out var micros)) return null;

        return !inDollars ? micros : micros <= Limits.MaxMicros / (MicrosPerDollar / Money.MicrosPerCent) ? micros * (MicrosPerDollar / Money.MicrosPerCent) : null;
    }
}
