using System.Globalization;
using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>What a request says of answers to others that are equal (Cache-Control, RFC 9111), and what an answer says that is one (Cache-Status, RFC 9211).</summary>
internal static class CacheControl
{
    /// <summary>In Cache-Status.</summary>
    private const string Name = "Agora";

    public static readonly Member Parameter = new(HeaderNames.CacheControl, static () => new()
    {
        ["type"] = "string", ["examples"] = new JsonArray("max-age=600"), ["description"] = "max-age=SECONDS: an answer to an equal request will do that is no older (RFC 9111), where the service says cache_seconds. Absent: it is called.",
    });

    /// <param name="most">Nothing older is to be had.</param>
    /// <returns>In seconds; null: it does not say, or none is to be had.</returns>
    public static int? MaxAge(RequestCall call, int most)
    {
        var header = string.Join(",", (IEnumerable<string?>)call.Header(HeaderNames.CacheControl));
        if (!CacheControlHeaderValue.TryParse(header, out var said) || said is not { NoCache: false, NoStore: false, MaxAge: { } age }) return null;

        var seconds = Math.Min((long)age.TotalSeconds, most);
        return seconds > 0 ? (int)seconds : null;
    }

    /// <param name="waited">The answer came while the first was being made.</param>
    public static IReadOnlyList<(string Name, string Value)> Hit(long ageSeconds, bool waited) =>
        [(AnswerHeaders.CacheStatus.Name, waited ? $"{Name}; fwd=miss; collapsed" : $"{Name}; hit"), (AnswerHeaders.Age.Name, ageSeconds.ToString(CultureInfo.InvariantCulture))];
}
