using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Models;
using Agora.Models.Wires;
using Agora.Outbound;
using Agora.Providers;
using Agora.ScriptedModels;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Models;

/// <summary>
/// The API with its door to models, and behind it a provider that knows what it bills, spoken to by all five wires. Each wire is a provider of its own name here, so models of the endpoint <c>model:anthropic</c> are had by Anthropic's.
/// </summary>
internal sealed class ModelWorld : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Wires = ["openai", "openai_chat", "compatible", "anthropic", "google"];

    /// <summary>Each bucket at a price of its own, in micro-dollars for a million: whatever is counted in the wrong one shows.</summary>
    public static readonly Rate Rate = new(Input: 3_000_700, Output: 15_000_100, CacheRead: 300_300, CacheWrite: 3_750_900, CacheWriteLong: 6_001_100, Reasoning: 11_000_300);

    public static readonly PriceVersion Prices = new(1, new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), [Rate], RequestMicros: 17);

    private readonly HttpStreams _streams;
    private int _users;

    private ModelWorld(ScriptedProvider upstream, RunningApi api, HttpStreams streams) => (Upstream, Api, _streams, Door) = (upstream, api, streams, new(api.Client.Address));

    public ScriptedProvider Upstream { get; }

    public RunningApi Api { get; }

    public ModelDoorClient Door { get; }

    /// <param name="time">Of calls to providers only.</param>
    /// <param name="keys">Of all providers; null: the one that the script lets in.</param>
    /// <param name="url">Where they are instead of at the scripted one.</param>
    /// <param name="retains">The wire whose provider keeps what it is sent.</param>
    /// <param name="wired">What stands in a wire's place.</param>
    /// <param name="ownTime">Of all else; null: the system's.</param>
    /// <param name="moderator">Who moderates, at the address where the providers are; null: nobody.</param>
    public static async Task<ModelWorld> Start(Script? script = null, TimeProvider? time = null, IReadOnlyList<string>? keys = null, Uri? url = null, int ratePerMinute = 100_000, ILoggerProvider? log = null, IJournal? store = null, string? retains = null, Func<HttpStreams, Uri, Moderator>? moderator = null, Func<IWire, IWire>? wired = null, bool servesTests = false, Func<IEntities, IEntities>? edge = null, IFeature? feature = null, TimeProvider? ownTime = null)
    {
        var upstream = await ScriptedProvider.Start(script ?? new());
        var (at, clock) = (url ?? upstream.Url, time ?? TimeProvider.System);
        var streams = new HttpStreams(AllowList.Parse("127.0.0.0/8"), clock);
        IReadOnlyList<Provider> providers = [.. Wires.Select(name => new Provider(new() { Name = name, Wire = wired is null ? WireOf(name) : wired(WireOf(name)), Url = new(at, name == "google" ? "v1beta" : "v1"), Keys = keys ?? [Script.UsualKey], RetainsData = name == retains ? true : null, ServesTests = servesTests }, streams, clock))];
        return new(upstream, await RunningApi.Start(ratePerMinute: ratePerMinute, log: log, edge: edge, store: store, time: ownTime, feature: feature, models: providers, moderators: moderator is null ? null : [moderator(streams, at)]), streams);
    }

    public async ValueTask DisposeAsync()
    {
        Door.Dispose();
        await Api.DisposeAsync();
        await Upstream.DisposeAsync();
        _streams.Dispose();
    }

    /// <summary>A model of this wire's provider, which knows it by the same name.</summary>
    public async Task PutModel(string id, string wire, PriceVersion? prices = null, int most = 4_096, int usual = 512, bool charges = false, int imageTokens = 0, string maxPriceCents = "10000", string key = RunningApi.AdminKey, string more = "", string category = "model")
    {
        var version = prices ?? Prices;
        var rates = string.Join(',', version.Rates.Select(JsonOf));
        (await Api.Client.Send(HttpMethod.Put, $"/admin/services/{id}", key, $$$"""
            {"name":"{{{id}}}","description":"A model","category":"{{{category}}}","max_price_cents":{{{maxPriceCents}}},"endpoint":"model:{{{wire}}}","provider":"maker",
             "model":{"name":"{{{id}}}","max_output_tokens":{{{most}}},"default_output_tokens":{{{usual}}},"image_tokens":{{{imageTokens}}},"charges":{{{(charges ? "true" : "false")}}}{{{more}}},
              "prices":[{"version":{{{version.Version}}},"from":"{{{version.From:yyyy-MM-ddTHH:mm:ssZ}}}","request_cents":{{{Cents(version.RequestMicros)}}},"rates":[{{{rates}}}]}]}}
            """)).Expect(200);
    }

    /// <summary>A model that is not for chat, so nothing is said of what it writes.</summary>
    public async Task PutOther(string id, string wire, string kind, string more = "", string fallback = "")
    {
        (await Api.Client.Send(HttpMethod.Put, $"/admin/services/{id}", RunningApi.AdminKey, $$$"""
            {"name":"{{{id}}}","description":"A model","category":"model","max_price_cents":10000,"endpoint":"model:{{{wire}}}","provider":"maker",
             "model":{"name":"{{{id}}}","kind":"{{{kind}}}","fallback":[{{{fallback}}}],"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","request_cents":{{{Cents(Prices.RequestMicros)}}},"rates":[{"input_cents":{{{Cents(Rate.Input)}}}}]}]{{{more}}}}}
            """)).Expect(200);
    }

    /// <summary>Of a user of its own, unless it is named.</summary>
    public async Task<ModelSession> Open(string budgetCents = "1000", string? user = null, string agent = "agent-1", string categories = """["*"]""", string consents = """["*"]""", string platform = RunningApi.PlatformKey, string more = "")
    {
        user ??= $"user-{Interlocked.Increment(ref _users)}";
        var opened = (await Api.Client.Post("/agent/auth", platform, $$$"""
            {"agent_id":"{{{agent}}}","user_id":"{{{user}}}","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":{{{categories}}},"allowed_consents":{{{consents}}},"budget_limit_cents":{{{budgetCents}}}{{{more}}}}}
            """)).Expect(201).Data;
        return new(opened.GetProperty("token").GetString()!, opened.GetProperty("session_id").GetString()!);
    }

    /// <summary>What a session has spent and holds, in micro-dollars.</summary>
    public async Task<(long Spent, long Held)> Budget(ModelSession session)
    {
        var budget = (await Api.Client.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("budget");
        return (Micros(budget.GetProperty("spent_cents")), Micros(budget.GetProperty("reserved_cents")));
    }

    /// <summary>When nothing is held any more: a client that has left is not told.</summary>
    public async Task<long> SpentInTheEnd(ModelSession session)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var (spent, held) = await Budget(session); ; (spent, held) = await Budget(session))
        {
            if (held == 0) return spent;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    /// <summary>Neither here nor at its user, who is told a moment later.</summary>
    public async Task NothingIsHeld(ModelSession session)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while ((await Api.Client.Admin(HttpMethod.Get, "/admin/holds")).Expect(200).Data.GetProperty("holds").EnumerateArray().Any(hold => hold.GetRawText().Contains(session.Id, StringComparison.Ordinal)))
        {
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    /// <summary>As the journal has it.</summary>
    public async Task<RunEvent.Concluded> Concluded(ModelSession session, Guid run) =>
        await Api.Services.GetRequiredService<IJournalReader>().Run(Tenant.Default, session.Id, run, default) ?? throw new InvalidOperationException($"{run} has no end.");

    /// <summary>What the provider bills for the one request to this model that it began to serve, or that is on its way: one in the background is answered before its provider is asked.</summary>
    public async Task<Truth> Truth(string model)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (Upstream.Truths.All(truth => truth.Model != model))
        {
            await timer.WaitForNextTickAsync(late.Token);
        }

        await Upstream.Idle();
        return Assert.Single(Upstream.Truths, truth => truth.Model == model);
    }

    public static Usage Usage(Counts counts) => new(counts.Input, counts.CacheRead, counts.CacheWrite, counts.CacheWriteLong, counts.InputAudio, counts.Output, counts.Reasoning, counts.OutputAudio);

    /// <summary>Anthropic alone writes to its cache only what it is asked to.</summary>
    public static long Bound(long read, long output, string wire) => Prices.Bound(read, output, null, writesCache: wire != "anthropic")!.Value;

    public static long Cost(Counts counts, PriceVersion? prices = null) => (prices ?? Prices).Cost(Usage(counts), null)!.Value;

    public const long Cent = Core.Kernel.Money.MicrosPerCent;

    public static string Cents(long micros) => Core.Kernel.Money.FormatCents(micros);

    public static TheoryData<T1, T2> Rows<T1, T2>(IEnumerable<(T1, T2)> rows)
    {
        var data = new TheoryData<T1, T2>();
        foreach (var (one, other) in rows) data.Add(one, other);
        return data;
    }

    public static long Micros(JsonElement cents) => Micros(cents.GetRawText());

    public static long Micros(string cents) => Core.Kernel.Money.TryParseCents(cents, out var micros) ? micros : throw new FormatException(cents);

    private static IWire WireOf(string name) => name switch
    {
        "openai" => new ResponsesWire(),
        "openai_chat" => new ChatWire(isOpenAi: true),
        "compatible" => new ChatWire(isOpenAi: false),
        "anthropic" => new MessagesWire(),
        "google" => new GeminiWire(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static string JsonOf(Rate rate)
    {
        var members = new (string Name, long? Micros)[]
        {
            ("input_cents", rate.Input), ("output_cents", rate.Output), ("cache_read_cents", rate.CacheRead), ("cache_write_cents", rate.CacheWrite),
            ("cache_write_hour_cents", rate.CacheWriteLong), ("reasoning_cents", rate.Reasoning),
        }.Where(member => member.Micros is not null).Select(member => $"\"{member.Name}\":{Cents(member.Micros!.Value)}");
        var tier = rate.Tier is null ? "" : $",\"tier\":\"{rate.Tier}\"";
        return string.Create(CultureInfo.InvariantCulture, $$"""{{{string.Join(',', members)}},"above_input_tokens":{{rate.AboveInputTokens}}{{tier}}}""");
    }
}

internal sealed record ModelSession(string Token, string Id);
