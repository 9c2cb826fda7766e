using System.Globalization;
using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>What of a request's Prefer header is heard (RFC 7240): <c>respond-async</c>, and <c>wait=SECONDS</c>, with it or alone. What is not known, or malformed, counts as not said.</summary>
/// <param name="RespondAsync">Rather 202 than to wait.</param>
/// <param name="Wait">So long it may take before that, and nobody waits longer than a server does by itself; null: with <paramref name="RespondAsync"/> not at all.</param>
internal readonly record struct Preferences(bool RespondAsync, TimeSpan? Wait)
{
    public const string Async = "respond-async";

    public const string Meaning = "How long the answer is waited for (RFC 7240): not at all, or so many seconds, of which 10 count at most.";

    /// <summary>Of who asks after a run, and would rather wait for its outcome than ask again.</summary>
    public static readonly Member Parameter = new("Prefer", static () => new() { ["type"] = "string", ["examples"] = new JsonArray("wait=5"), ["description"] = Meaning });

    /// <summary>Of who asks for what may go on after its answer.</summary>
    public static readonly Member AsyncParameter = new("Prefer", static () => new() { ["type"] = "string", ["examples"] = new JsonArray(Async, "wait=5"), ["description"] = Meaning });

    /// <summary>As it is said in Preference-Applied; null: nothing was done otherwise than without it.</summary>
    public string? Applied => !RespondAsync ? Wait < Limits.RunWait ? $"wait={Wait.Value.TotalSeconds.ToString(CultureInfo.InvariantCulture)}" : null : Wait is { } wait ? $"{Async}, wait={wait.TotalSeconds.ToString(CultureInfo.InvariantCulture)}" : Async;

    /// <summary>How long the caller waits for an outcome: as long as it prefers, and no longer than <paramref name="most"/>.</summary>
    public TimeSpan Patience(TimeSpan most) => Wait is { } wait ? wait < most ? wait : most : RespondAsync ? TimeSpan.Zero : most;

    /// <param name="header">Prefer, as it came.</param>
    public static Preferences Of(StringValues header)
    {
        var read = default(Preferences);
        foreach (var line in header)
        {
            foreach (var preference in line?.Split(',') ?? [])
            {
                read = read.With(preference);
            }
        }

        return read;
    }

    // Parameters of a preference, after ';', change none of these. Of one that is said twice the first counts.
    private Preferences With(string preference)
    {
        var parts = preference.Split(';')[0].Split('=', 2);
        var (name, value) = (parts[0].Trim(), parts.Length == 2 ? parts[1].Trim().Trim('"') : "");
        return name.Equals(Async, StringComparison.OrdinalIgnoreCase) && value.Length == 0 ? this with { RespondAsync = true }
            : name.Equals("wait", StringComparison.OrdinalIgnoreCase) && Wait is null && uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? this with { Wait = TimeSpan.FromSeconds(seconds) }
            : this;
    }
}
