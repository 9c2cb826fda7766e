using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>What of a request's Prefer header is heard (RFC 7240): <c>respond-async</c>, and with it <c>wait=SECONDS</c>. What is not known, or malformed, counts as not said.</summary>
/// <param name="RespondAsync">Rather 202 than to wait.</param>
/// <param name="Wait">So long it may take before that; none: not at all.</param>
internal readonly record struct Preferences(bool RespondAsync, TimeSpan? Wait)
{
    public const string Async = "respond-async";

    /// <summary>As it is said in Preference-Applied.</summary>
    public string Applied => Wait is { } wait ? $"{Async}, wait={wait.TotalSeconds.ToString(CultureInfo.InvariantCulture)}" : Async;

    public static Preferences Of(HttpRequest request)
    {
        var read = default(Preferences);
        foreach (var line in request.Headers["Prefer"])
        {
            foreach (var preference in line?.Split(',') ?? [])
            {
                read = read.With(preference);
            }
        }

        return read.RespondAsync ? read : default;
    }

    // Parameters of a preference, after ';', change none of these. Of one that is said twice the first counts.
    private Preferences With(string preference)
    {
        var parts = preference.Split(';')[0].Split('=', 2);
        var (name, value) = (parts[0].Trim(), parts.Length == 2 ? parts[1].Trim().Trim('"') : "");
        return name.Equals(Async, StringComparison.OrdinalIgnoreCase) && value.Length == 0 ? this with { RespondAsync = true }
            : name.Equals("wait", StringComparison.OrdinalIgnoreCase) && Wait is null && ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? this with { Wait = TimeSpan.FromSeconds(seconds) }
            : this;
    }
}
