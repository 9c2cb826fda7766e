using Agora.Application.Operations;
using Agora.Core.Kernel;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>
/// Whether a request takes any form that its operation's reply has (RFC 9110 section 12.5.1). No Accept takes all, and so does one of which nothing can be read, but of lists, whose
/// form it chooses. Who names only the form of refusals has not said no to the other.
/// </summary>
internal static class Acceptable
{
    public static bool Is(StringValues accept, Operation operation)
    {
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or MediaTypes.Json)) return true;
        if (operation.IsList) return ListForms.Of(accept) is not null;

        var ranges = Ranges(accept);
        return ranges.Count == 0 || operation.Forms.Any(form => Takes(ranges, new(form))) || Problem.IsWanted(accept);
    }

    /// <summary>What Accept says; empty: nothing that can be read.</summary>
    public static IList<MediaTypeHeaderValue> Ranges(StringValues accept) => MediaTypeHeaderValue.TryParseList(accept, out var ranges) ? ranges : [];

    public static Rejection Refusal(Operation operation) => new(Codes.NotAcceptable, $"Accept takes nothing that there is here: {string.Join(" or ", operation.Forms)}.");

    /// <returns>The range that says most of the type; null: none takes it.</returns>
    public static MediaTypeHeaderValue? RangeOf(IList<MediaTypeHeaderValue> ranges, MediaTypeHeaderValue type) =>
        ranges.Where(range => Covers(range, type)).MaxBy(Precision) is { } range && (range.Quality ?? 1) > 0 ? range : null;

    public static int Precision(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;

    private static bool Takes(IList<MediaTypeHeaderValue> ranges, MediaTypeHeaderValue type) => RangeOf(ranges, type) is not null;

    private static bool Covers(MediaTypeHeaderValue range, MediaTypeHeaderValue type) =>
        range.MatchesAllTypes || (range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase)
            && (range.MatchesAllSubTypes || range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase)));
}
