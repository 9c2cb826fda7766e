using System.Globalization;
using System.Security.Cryptography;
using Agora.Fuzz.Attacks;
using Agora.Fuzz.Servers;

namespace Agora.Fuzz;

/// <summary>What the command line asks for.</summary>
/// <param name="Count">Inputs after which it ends; null: only time ends it.</param>
/// <param name="Against">A server that runs elsewhere; null: one is started.</param>
/// <param name="Only">Of the attacks those whose name contains this.</param>
public sealed record Arguments(long? Count, TimeSpan? Time, int Seed, Uri? Against, bool Attacks, string Only)
{
    private const string AdminKeyName = "AGORA_ADMIN_KEY";
    private const string PlatformKeyName = "AGENT_API_KEY";

    public static string Usage { get; } = $"""
        usage: Fuzz [--count N | --seconds N] [--seed N] [--against URL]
               Fuzz attacks [NUMBER|NAME] [--against URL]
          Without --against a server is started on a directory of its own; with it, AGORA_ADMIN_KEY and AGENT_API_KEY are as that server has them,
          and it needs AGORA_RATE_LIMIT_PER_MINUTE=10000000, or most inputs end at the rate limit.
          Attacks, by number or a part of the sentence or of the method's name:
          {string.Join("\n  ", AttackRun.Lines)}
        """;

    /// <returns>Null: it cannot be understood.</returns>
    public static Arguments? Parse(IReadOnlyList<string> args)
    {
        var parsed = new Arguments(null, null, RandomNumberGenerator.GetInt32(int.MaxValue), null, args is ["attacks", ..], "");
        for (var i = parsed.Attacks ? 1 : 0; i < args.Count; i++)
        {
            if (parsed.Attacks && !args[i].StartsWith("--", StringComparison.Ordinal))
            {
                parsed = parsed with { Only = args[i] };
                continue;
            }

            if (++i == args.Count || With(parsed, args[i - 1], args[i]) is not { } next) return null;

            parsed = next;
        }

        return parsed is { Count: null, Time: null, Attacks: false } ? parsed with { Time = TimeSpan.FromSeconds(20) } : parsed;
    }

    /// <summary>What the environment lacks, and keeps this from being done; null: nothing.</summary>
    public string? Missing => Against is null || new[] { AdminKeyName, PlatformKeyName }.FirstOrDefault(name => Key(name) is null) is not { } name ? null
        : $"--against needs that server's keys: {name} is not set.";

    public async Task<Target> Reach()
    {
        if (Against is null) return new(await ServerUnderTest.Start());

        return new(Against, Key(AdminKeyName)!, Key(PlatformKeyName)!);
    }

    private static string? Key(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } key ? key : null;

    private static Arguments? With(Arguments so, string name, string value) => name switch
    {
        "--against" when Uri.TryCreate(value, UriKind.Absolute, out var url) => so with { Against = url },
        "--count" when Number(value) is { } count => so with { Count = count },
        "--seconds" when Number(value) is { } seconds => so with { Time = TimeSpan.FromSeconds(seconds) },
        "--seed" when Number(value) is { } seed and <= int.MaxValue => so with { Seed = (int)seed },
        _ => null,
    };

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
