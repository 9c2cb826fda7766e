using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.Benchmarks;
using Agora.Benchmarks.Growing;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Messages;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;
using Agora.Benchmarks.SideBySide;

// Each measures what the product promises; together they take many minutes. Those that compare start this program again, as load
// and as servers, which end with it.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(130));
var measures = new OrderedDictionary<string, Func<Options, Task<Measures>>>(StringComparer.Ordinal)
{
    ["calls"] = options => Calls.Run(options),
    ["engine"] = options => Engine.Run(options),
    ["signatures"] = options => Signatures.Run(options),
    ["validations"] = options => Task.FromResult(Validations.Run(options)),
    ["search"] = options => Task.FromResult(Search.Run(options)),
    ["sponsored"] = options => Task.FromResult(SponsoredSearches.Run(options)),
    ["mixed"] = options => MixedContest.Run(options),
    ["growth"] = options => Growth.Run(options),
    ["soak"] = options => Soak.Run(options),
    ["runs"] = options => options.Flag("in-process") ? Runs.Run(options) : RunsContest.Run(options),
    ["wrk"] = options => WrkContest.Run(options),
    ["cluster"] = options => ClusterContest.Run(options),
    ["cluster-calls"] = options => ClusterCalls.Run(options),
    ["reads"] = options => ReadsContest.Run(options),
    ["mcp"] = options => McpContest.Run(options),
    ["hub"] = options => HubContest.Run(options),
    ["webhooks"] = options => options.Flag("in-process") ? WebhookReaders.Run(options) : WebhooksContest.Run(options),
    ["messages"] = options => MessagesContest.Run(options),
    ["sockets"] = options => IdleSockets.Run(options),
    ["transfers"] = options => TransfersContest.Run(options),
    ["ledger"] = options => LedgerTotals.Run(options),
    ["rows"] = options => Runs.Rows(options),
    ["sessions"] = options => Sessions.Run(options),
    ["tree"] = options => Tree.Run(options),
    ["append"] = options => Append.Run(options),
    ["lists"] = options => Lists.Run(options),
    ["crowd"] = options => Crowd.Run(options),
    ["index-costs"] = options => IndexCosts.Run(options),
    ["feed"] = options => Feed.Run(options),
    ["catch-up"] = options => CatchUp.Run(options),
    ["decisions"] = options => Task.FromResult(Decisions.Run(options)),
    ["edge"] = options => Edge.Run(options),
    ["catalogue"] = options => CatalogueFollow.Run(options),
    ["cold-start"] = options => ColdStart.Run(options),
    ["export"] = options => Export.Run(options),
};
var parts = new Dictionary<string, Func<Options, Task>>(StringComparer.Ordinal)
{
    ["load"] = options => Task.Run(() => LoadGenerator.Serve(options)),
    ["follow"] = options => Feed.Follow(options),
    ["serve-bare"] = options => BareServer.Serve(options),
    ["serve-plain"] = options => PlainServer.Serve(options),
    ["serve-mcp-bare"] = options => McpBareServer.Serve(options),
    ["serve-agora"] = options => AgoraServer.Serve(options),
};
// `into FILE NAME …` writes as data what else is printed.
var (into, rest) = args is ["into", var file, .. var others] ? (file, others) : (null, args);
if (rest is not [var name, .. var settings] || !(name == "all" || measures.ContainsKey(name) || parts.ContainsKey(name)))
{
    await Console.Error.WriteLineAsync($"{string.Join(" | ", measures.Keys)} | all, each with --NAME NUMBER for its settings");
    return 2;
}

var options = new Options(settings);
if (name == "all") return await All.Measure(options);
if (parts.GetValueOrDefault(name) is { } part)
{
    await part(options);
    return 0;
}

var found = await measures[name](options);
Report.Print(name, options, found);
if (into is not null)
{
    await File.WriteAllTextAsync(into, JsonSerializer.Serialize(found));
}

return 0;
