using System.Diagnostics;
using System.Globalization;
using Agora.Fuzz.Servers;

namespace Agora.Fuzz.Attacks;

/// <summary>Another tenant than the one that attacks, with its normal work: it reads its status, searches, runs a service and calls a model. It counts what it was refused, and how long it waited.</summary>
internal sealed class Neighbour : IAsyncDisposable
{
    private const string AdminKey = "operator-key-of-the-other-tenant-0123456789";
    private const string PlatformKey = "platform-key-of-the-other-tenant-0123456789";
    private readonly Target _target;
    private readonly string _session;
    private readonly Lock _lock = new();
    private List<double> _waited = [];
    private int _refusals;
    private int _ran;

    private Neighbour(Target target, string session) => (_target, _session) = (target, session);

    /// <summary>The first refusal since <see cref="Since"/>; null: none.</summary>
    public string? Refused { get; private set; }

    /// <summary>What a server needs on which it lives.</summary>
    public static Dictionary<string, string> Settings(OddServices services, Dictionary<string, string> more) => new(more)
    {
        ["DOTNET_gcServer"] = "0",
        ["AGORA_OPERATOR_KEYS"] = $"other/operator:{AdminKey}",
        ["AGORA_PLATFORM_KEYS"] = $"other/platform:{PlatformKey}",
        ["AGORA_MODEL_PROVIDERS"] = services.Provider,
        ["AGORA_DUPLICATE_WINDOW_SECONDS"] = "0",
    };

    public static async Task<Neighbour> Move(Target beside, OddServices services)
    {
        var target = new Target(beside.Address, AdminKey, PlatformKey);
        (await target.Admin("PUT", "/admin/services/short", services.Service("/short"))).Done();
        (await target.Admin("PUT", "/admin/services/quick", OddServices.Model(OddServices.Quick))).Done();
        var session = await target.OpenSession("neighbour");
        await Services.Eventually(() => target.Send("POST", "/agent/services/short/run", session, """{"input":{}}"""));
        await Services.EventuallyFound(() => target.Send("GET", "/openai/v1/models/quick", session));
        return new(target, session);
    }

    /// <summary>Once each; several may work at once.</summary>
    public async Task Work()
    {
        await Ask("GET", "/agent/flow/status", null);
        await Ask("GET", "/agent/services?q=summary&limit=10", null);
        await Ask("POST", "/agent/services/short/run", $$$"""{"input":{"text":"{{{Interlocked.Increment(ref _ran)}}}"}}""");
        await Ask("POST", "/openai/v1/chat/completions", """{"model":"quick","max_tokens":64,"messages":[{"role":"user","content":"Say little."}]}""");
    }

    /// <summary>What was counted before is forgotten.</summary>
    /// <returns>What it was.</returns>
    public string Since()
    {
        lock (_lock)
        {
            var said = ToString();
            (_waited, _refusals, Refused) = ([], 0, null);
            return said;
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            var sorted = _waited.Order().ToList();
            return sorted.Count == 0 ? "nothing asked" : string.Create(CultureInfo.InvariantCulture, $"{sorted.Count} requests, {_refusals} refused, p50 {sorted[sorted.Count / 2]:F0} ms, p99 {sorted[sorted.Count * 99 / 100]:F0} ms");
        }
    }

    public ValueTask DisposeAsync() => _target.DisposeAsync();

    private async Task Ask(string method, string path, string? json)
    {
        var started = Stopwatch.GetTimestamp();
        Answered? answered = null;
        var failure = "";
        try
        {
            answered = await _target.Send(method, path, _session, json);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            failure = (e.InnerException ?? e).Message;
        }

        var waited = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        lock (_lock)
        {
            _waited.Add(waited);
            if (answered?.Status is 200 or 202) return; // 202: a run that is still under way

            _refusals++;
            Refused ??= $"the other tenant's {method} {path} gives {answered?.Status} {answered?.Text ?? failure}";
        }
    }
}
