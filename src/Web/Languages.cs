using Agora.Application.Language;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>What a request's Accept-Language (RFC 9110 section 12.5.4) would rather have than English.</summary>
public static class Languages
{
    /// <returns><c>ja</c> or <c>en</c> (BCP 47).</returns>
    public static string NameOf(HttpRequest request) => Of(request)?.Language ?? "en";

    /// <returns>Null: English.</returns>
    internal static Words? Of(HttpRequest request)
    {
        var accepted = request.Headers.AcceptLanguage;
        if (accepted.Count == 0 || !StringWithQualityHeaderValue.TryParseList(accepted, out var wanted)) return null;

        var best = wanted.Where(one => one.Quality is not 0 && (Is(one, Words.Japanese.Language) || Is(one, "en"))).MaxBy(one => one.Quality ?? 1);
        return best is not null && Is(best, Words.Japanese.Language) ? Words.Japanese : null;
    }

    private static bool Is(StringWithQualityHeaderValue one, string language) =>
        one.Value.Equals(language, StringComparison.OrdinalIgnoreCase) || one.Value.StartsWith($"{language}-", StringComparison.OrdinalIgnoreCase);
}
