using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Agora.Fuzz.Servers;

namespace Agora.Fuzz.Attacks;

/// <summary>Credentials that were never issued, by the thousand, each of another agent or session.</summary>
internal static class ForgedKeyAttacks
{
    private const int First = 10_000;
    private const int Then = 40_000;
    private const int ThenInBrief = 10_000;
    private const int AtOnce = 32;

    /// <summary>Resident, in bytes. An entity for each forgery would take ten times as much, in the brief form twice as much.</summary>
    private const long Flat = 32 << 20;

    /// <summary>The demo's walk goes on: not one for each forgery.</summary>
    private const long Few = 100;

    /// <summary>A collector that keeps no garbage for its leisure: what grows is in use.</summary>
    private static readonly Dictionary<string, string> Tidy = new() { ["DOTNET_gcServer"] = "0", ["DOTNET_GCgen0size"] = "0x1000000", ["DOTNET_GCHeapHardLimit"] = "0x8000000" };

    [Attack(11, "forged agents' keys by the ten thousand, old and new form, bring an entity to life or fill the memory")]
    public static Task<Verdict> Keys(Target target) => Many(target.IsBrief, async (own, i) =>
    {
        var key = i % 2 == 0 ? $"agk2_live_default.forged-{i}.{Random()}.{Random()}" : $"agk_forged-{i}.{Random()}";
        var answered = await own.Send("POST", "/agent/auth", key, $$"""{"agent_id":"forged-{{i}}","user_id":"forged-{{i}}"}""");
        return IsRefused(answered, 401) ? null : $"{key} gets {answered.Status} {answered.Text}";
    });

    [Attack(11, "made-up session tokens and links to approvals by the ten thousand bring an entity to life or fill the memory")]
    public static Task<Verdict> Tokens(Target target) => Many(target.IsBrief, async (own, i) =>
    {
        var expiry = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var answered = i % 2 == 0
            ? await own.Send("GET", "/agent/flow/status", $"agt_{Guid.CreateVersion7()}.{expiry}.{Random()}")
            : await own.Send("GET", $"/approvals/apv_{Guid.CreateVersion7()}.{Guid.CreateVersion7()}.{expiry}.{Random()}");
        return IsRefused(answered, i % 2 == 0 ? 401 : 404) ? null : $"{(i % 2 == 0 ? "a token" : "a link")} gets {answered.Status} {answered.Text}";
    });

    // Keys of the old form are looked up, at most 32 at once; beyond that it is 503.
    private static bool IsRefused(Answered answered, int status) => answered.Status == status || (answered.Status == 503 && answered.Text.Contains("\"unavailable\"", StringComparison.Ordinal));

    private static async Task<Verdict> Many(bool isBrief, Func<Target, int, Task<string?>> forge)
    {
        var then = isBrief ? ThenInBrief : Then;
        await using var own = new Target(await ServerUnderTest.Start(Tidy));
        // What the collector takes to begin with, and what the first of a kind costs, is no leak.
        var broken = await Tried(0, First, i => forge(own, i));
        var (memory, entities) = (own.Server!.Memory, await own.Metric("agora_engine_entities"));
        broken ??= await Tried(First, then, i => forge(own, i));
        var (memoryAfter, entitiesAfter) = (own.Server!.Memory, await own.Metric("agora_engine_entities"));
        broken ??= memoryAfter - memory > Flat ? "the memory grew" : entitiesAfter - entities > Few ? "entities came to life" : null;
        return new(broken, $"memory {Megabytes(memory)} before, {Megabytes(memoryAfter)} after; entities {Number(entities)} before, {Number(entitiesAfter)} after");
    }

    private static async Task<string?> Tried(int from, int count, Func<int, Task<string?>> forge)
    {
        string? broken = null;
        await Parallel.ForEachAsync(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            if (await forge(i) is { } why)
            {
                Interlocked.CompareExchange(ref broken, why, null);
            }
        });
        return broken;
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MB");

    private static string Number(long? number) => number is { } known ? known.ToString(CultureInfo.InvariantCulture) : "unknown";
}
