using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agora.Api;
using Agora.Api.Hosts;
using Agora.Api.Proof;
using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Replay;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Benchmarks;

/// <summary>
/// What the HTTP side of a run costs: the whole pipeline over loopback, in front of sessions that answer at once, beside a bare
/// POST that answers the same bytes. The load is the same for both, so the difference is the pipeline's own.
/// </summary>
internal static class Edge
{
    private const int Sessions = 1_000;
    private const string Input = """{"input":{"text":"A text of the length that a short question has, so that it is neither empty nor large."}}""";

    public static async Task<Measures> Run(Options options)
    {
        var (seconds, warmUp, rounds, connections) = (options.Number("seconds", 3), options.Number("warm-up", 15), options.Number("rounds", 5), options.Number("connections", 32));
        var inline = options.Number("inline", 0) == 1; // the transport's UnsafePreferInlineScheduling
        await using var edge = BuildEdge(options.Number("campaigns", 1), inline);
        await edge.StartAsync();
        var tokens = edge.Services.GetRequiredService<SessionTokens>();
        var requests = Enumerable.Range(0, Sessions).Select(n => tokens.Mint(Tenant.Default, $"session-{n}", DateTimeOffset.UtcNow.AddHours(1))).ToArray();
        await using var bare = BuildBare(await Answered(edge, requests[0]), inline);
        await bare.StartAsync();

        var sides = new[] { edge, bare }.Select(app => (Address: new Uri(app.Urls.Single()), Seen: new List<Cost>())).ToArray();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (address, seen) in sides)
            {
                var cost = await Measure(address, [.. requests.Select(token => Request(address, token))], connections, TimeSpan.FromSeconds(round == 0 ? warmUp : seconds));
                seen.AddRange(round == 0 ? [] : [cost]);
            }
        }

        // Others may disturb a round, never speed one up.
        var (ours, least) = (Least(sides[0].Seen), Least(sides[1].Seen));
        return Measures.Of(("CPU a run, with the load's", $"{Report.Of(ours.Microseconds, 1)} us", ""),
            ("  of a bare POST", $"{Report.Of(least.Microseconds, 1)} us", ""),
            ("  difference", $"{Report.Of(ours.Microseconds - least.Microseconds, 1)} us", "goal < 35 us"),
            ("allocated a run, with the load's", $"{Report.Of(ours.Bytes)} B", ""),
            ("  of a bare POST", $"{Report.Of(least.Bytes)} B", ""),
            ("  difference", $"{Report.Of(ours.Bytes - least.Bytes)} B", "goal < 8,192 B"));
    }

    private static Cost Least(List<Cost> seen) => new(seen.Min(c => c.Microseconds), seen.Min(c => c.Bytes));

    private static async Task<Cost> Measure(Uri address, IReadOnlyList<byte[]> requests, int connections, TimeSpan time)
    {
        var (allocated, cpu) = (GC.GetTotalAllocatedBytes(precise: true), Process.GetCurrentProcess().TotalProcessorTime);
        var seen = await HttpLoad.Run(address, requests, connections, time);
        if (seen.Statuses.Keys.Any(status => status != 200))
        {
            throw new InvalidOperationException($"Not every run succeeded: {string.Join(", ", seen.Statuses)}");
        }

        return new(
            (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / seen.Answers,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)seen.Answers);
    }

    private static byte[] Request(Uri address, string token) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"POST /agent/services/service-0/run HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {Input.Length}\r\n\r\n{Input}"));

    private static async Task<byte[]> Answered(WebApplication edge, string token)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(edge.Urls.Single()) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var content = new StringContent(Input, new UTF8Encoding(false), "application/json");
        using var response = await http.PostAsync("/agent/services/service-0/run", content);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static WebApplicationBuilder Builder(bool inline)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(WebServer.Configure).UseSockets(sockets => sockets.UnsafePreferInlineScheduling = inline);
        return builder;
    }

    private static WebApplication BuildBare(byte[] answer, bool inline)
    {
        var app = Builder(inline).Build();
        app.Run(async http =>
        {
            var reader = http.Request.BodyReader;
            for (var read = await reader.ReadAsync(); ; read = await reader.ReadAsync())
            {
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }

            await Task.Yield(); // as the sessions' answers come
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = answer.Length;
            await http.Response.BodyWriter.WriteAsync(answer);
        });
        return app;
    }

    /// <summary>One service, and campaigns that would pay for it.</summary>
    private static WebApplication BuildEdge(int campaigns, bool inline)
    {
        var builder = Builder(inline);
        builder.Services.AddSingleton<IEntities, InstantSessions>().AddSingleton<MemoryJournal>(_ => new(TimeProvider.System)).AddSingleton<ITables>(p => p.GetRequiredService<MemoryJournal>()).AddSingleton<IFeed>(p => p.GetRequiredService<MemoryJournal>()).AddSingleton<IJournalReader, NoHistory>().AddSingleton<IRecordedStates, NoHistory>().AddSingleton<IPersonalTexts, NoHistory>().AddSingleton<IPolicyReplay, NoHistory>();
        builder.Services.AddSingleton<IJournal>(p => p.GetRequiredService<MemoryJournal>()).AddProof(new byte[32], new("agora.example", TimeSpan.FromSeconds(60)));
        builder.Services.AddAgoraApi(_ => new ApiOptions
        {
            TokenKey = new byte[32],
            OperatorKeys = [],
            Policy = new(RateLimitPerMinute: 10_000_000, DuplicateWindowSeconds: 10),
            NotReady = _ => Task.FromResult<string?>(null),
        });
        var app = builder.Build();
        app.UseAgora();
        app.MapAgora();
        var catalogue = app.Services.GetRequiredService<Catalogues>().In(Core.Kernel.Tenant.Default);
        const string Schema = """{"type":"object","required":["text"],"properties":{"text":{"type":"string","minLength":1}}}""";
        catalogue.Put(new ServiceView("service-0", new("Summarizer", "Summarizes a text", "text", 10_000, "https://text.example/", "provider", null, Schema, null, null, 5_000, true), false, DateTimeOffset.UnixEpoch));
        for (var n = 0; n < campaigns; n++)
        {
            var task = new SponsorTask("Survey", "survey", "One question", "{}", ["preferences"], ["data_sharing"]);
            catalogue.Put(new CampaignView(
                $"campaign-{n}", new("Acme", null, task, [new("service-0", null)], [], 1_000_000, null, null, null, null, null, true), new(0, 0, 0, 0), 0, false, DateTimeOffset.UnixEpoch));
        }

        return app;
    }

    private sealed record Cost(double Microseconds, double Bytes);

    /// <summary>Answers as a live session does, from another thread's turn.</summary>
    private sealed class InstantSessions : IEntities
    {
        private static readonly Budget Budget = new(1_000_000, 10_000, 0, 990_000);
        private static readonly RateStanding Rate = new(17, 42);
        private static readonly Personal Output = new("""{"summary":"Short."}"""u8.ToArray());
        private static readonly SessionView View = new(
            "session", "agent-1", "user-1", new(["*"], ["*"], ["*"], ["*"]), Budget, Rate, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, false, null, []);

        private static readonly Payment Paid = new(
            Guid.CreateVersion7(), 10_000, "Acme", "sponsor", "posted", PayerKinds.Campaign, "campaign-0", "The first completed campaign that pays for this service.", false);

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, Send);

        private static async Task<Envelope> Send(StreamId stream, Envelope envelope, CancellationToken cancel)
        {
            await Task.Yield();
            object reply = envelope.Body is RunCommand.RunService run
                ? new RunView(envelope.CommandId, run.ServiceId, RunState.Succeeded, Output, Paid, Budget, null, Rate)
                : View;
            return new(envelope.CommandId, null, Answer.Of(reply));
        }
    }

    private sealed class NoHistory : IJournalReader, IRecordedStates, IPersonalTexts, IPolicyReplay
    {
        public Task<IReadOnlyList<Core.Webhooks.Delivery>> Deliveries(string stream, long seq, CancellationToken cancel) => throw new NotSupportedException();

        public Task<RecordedRun?> Recorded(Tenant tenant, Guid runId, CancellationToken cancel) => throw new NotSupportedException();

        public Task<bool> IsKnown(StreamId stream, CancellationToken cancel) => Task.FromResult(true);

        public Task<string?> Seal(Tenant tenant, string userId, string? text, CancellationToken cancel) => Task.FromResult(text);

        public Task<string?> Open(Tenant tenant, string? stored, CancellationToken cancel, string? onlyOf = null) => Task.FromResult(stored);

        public Task<string> Code(Tenant tenant, string userId, string content, CancellationToken cancel) => Task.FromResult(content);

        public Task<ReplayReport?> Run(Tenant tenant, ReplayRequest request, CancellationToken cancel) => Task.FromResult<ReplayReport?>(null);

        public Task<bool> IsKeyed(Tenant tenant, string credential, string key, CancellationToken cancel) => Task.FromResult(false);

        public Task<IReadOnlyList<(StreamId Stream, Guid CommandId, string Credential)>> Keyed(Tenant tenant, string key, int limit, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<(StreamId, Guid, string)>>([]);

        public Task<RunEvent.Concluded?> Run(Tenant tenant, string sessionId, Guid runId, CancellationToken cancel) => Task.FromResult<RunEvent.Concluded?>(null);

        public Task<Act?> Act(string stream, long seq, Guid commandId, CancellationToken cancel) => Task.FromResult<Act?>(null);

        public Task<long> Last(StreamId stream, CancellationToken cancel) => Task.FromResult(0L);

        public Task<IReadOnlyList<JournalRow>> Rows(StreamId stream, long below, int limit, CancellationToken cancel) => Task.FromResult<IReadOnlyList<JournalRow>>([]);

        public Task<RecordedState?> At(StreamId stream, long seq, CancellationToken cancel) => Task.FromResult<RecordedState?>(null);

        public Task<RecordedState?> Newest(StreamId stream, CancellationToken cancel) => Task.FromResult<RecordedState?>(null);

        public Task<IReadOnlyList<StreamId>> Waiting(Tenant tenant, string kind, DateTimeOffset upTo, int limit, CancellationToken cancel) => Task.FromResult<IReadOnlyList<StreamId>>([]);

        public Task<Personal?> CompletionOutput(Tenant tenant, string userId, Guid outputCommand, long completedSeq, CancellationToken cancel) => Task.FromResult<Personal?>(null);
    }
}
