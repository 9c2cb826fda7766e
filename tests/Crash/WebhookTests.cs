using Agora.Crash.Support;
using Agora.Testing;

namespace Agora.Crash;

/// <summary>Endpoints are told what happens by the real program, through kill -9 while deliveries wait.</summary>
public sealed class WebhookTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Fact]
    public async Task Kill_9_while_deliveries_wait_loses_none_and_keeps_their_ids_and_order()
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start();
        await using var receiver = new WebhookReceiver(ServerProcess.FreeAddress().Port);
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, $"{provider.Allowed},{receiver.Allowed}");
        await server.Start();
        var secret = await Put(api, receiver);
        await Market.Load(api, provider);
        var sessions = await Market.Open(api, users: 2, sessionsOfEach: 2);

        // One session's events are refused, so they wait; the others' are taken.
        var refused = $"session/{sessions[0].Id}";
        receiver.Answers = message => (message.Subject == refused ? 503 : 200, "later");
        var before = await Run(api, sessions, 10);
        await Market.Eventually(() => Task.FromResult(receiver.Taken.Count), taken => taken >= 30, Patience);
        Assert.DoesNotContain(receiver.Taken, message => message.Subject == refused);

        await server.Kill();
        receiver.Answers = static _ => (204, null);
        await server.Start();
        var all = before.Concat(await Run(api, sessions, 5)).ToList();

        await Market.Eventually(() => Task.FromResult(RunsIn(receiver.Taken).Distinct().Count()), told => told == all.Count, Patience);
        Assert.Equal(all.Order(StringComparer.Ordinal), RunsIn(receiver.Taken).Distinct().Order(StringComparer.Ordinal));
        Assert.All(receiver.Received, message => Assert.True(message.IsSignedBy(secret)));
        Assert.All(receiver.Received.GroupBy(message => message.Data.GetProperty("run_id").GetString()), tries => Assert.Single(tries.Select(message => message.Id).Distinct()));
        Assert.All(receiver.Taken.GroupBy(message => message.Subject), subject => Assert.Equal(Sequences(subject).Order(), Sequences(subject)));
        await server.Stop();
    }

    [LongFact]
    public async Task An_endpoint_that_hangs_while_10_000_events_wait_takes_no_memory_and_no_time_of_runs_and_others_are_told()
    {
        const int Before = 1_000, Each = 5_000, After = 1_000;
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start(mostDelayMs: 2);
        await using var receiver = new WebhookReceiver(ServerProcess.FreeAddress().Port);
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, $"{provider.Allowed},{receiver.Allowed}");
        await server.Start();
        await Market.Load(api, provider);
        var sessions = await Market.Open(api, users: 3, sessionsOfEach: 1);
        await Many(api, sessions[2], Before);
        var (_, alone) = await Costs(server, () => Many(api, sessions[2], Before));
        HashSet<string> hangs = [$"session/{sessions[0].Id}", $"session/{sessions[1].Id}"];
        receiver.Answers = message => (hangs.Contains(message.Subject) ? 0 : 204, null);
        await Put(api, receiver);

        // The first of each hangs; all later ones of its subject wait behind it.
        var began = server.Used.Bytes;
        var (_, hanging) = await Costs(server, () => Task.WhenAll(Many(api, sessions[0], Each), Many(api, sessions[1], Each)));
        var told = await Many(api, sessions[2], After);

        await Market.Eventually(() => Task.FromResult(RunsIn(receiver.Taken).Distinct().Count()), taken => taken == told.Count, Patience);
        Assert.Equal(told.Order(StringComparer.Ordinal), RunsIn(receiver.Taken).Distinct().Order(StringComparer.Ordinal));
        var webhook = (await api.Admin(HttpMethod.Get, "/admin/webhooks/books")).Expect(200).Data;
        Assert.Equal(("delivering", 2), (webhook.GetProperty("state").GetString(), webhook.GetProperty("waiting").GetInt32()));
        Assert.InRange(receiver.Received.Count(message => hangs.Contains(message.Subject)), 2, 40);
        Assert.InRange(server.Used.Bytes - began, long.MinValue, 512L << 20);
        Assert.True(hanging / (2 * Each) < 2 * (alone / Before), $"A run takes {hanging.TotalMicroseconds / (2 * Each)} µs of the server while the endpoint hangs, and {alone.TotalMicroseconds / Before} µs without one.");
        await server.Kill();
    }

    private static async Task<(T Result, TimeSpan Cpu)> Costs<T>(RestartedServer server, Func<Task<T>> work)
    {
        var before = server.Used.Cpu;
        var result = await work();
        return (result, server.Used.Cpu - before);
    }

    private static async Task<IReadOnlyCollection<string>> Many(ApiClient api, OpenSession session, int count)
    {
        var runs = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var run = (await api.Post(Market.RunRoute, session.Token, Market.Input(Market.Of(i)))).Expect(200).Data;
            runs.Add(run.GetProperty("run_id").GetString()!);
        });
        return runs;
    }

    private static async Task<string> Put(ApiClient api, WebhookReceiver receiver)
    {
        Assert.Equal("validation_failed", (await api.Admin(HttpMethod.Put, "/admin/webhooks/inside", """{"url":"https://10.0.0.1/hook"}""")).Expect(422).Code);
        Assert.Equal("validation_failed", (await api.Admin(HttpMethod.Put, "/admin/webhooks/inside", """{"url":"http://169.254.169.254/latest"}""")).Expect(422).Code);
        (await api.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["run.succeeded","run.failed"]}""")).Expect(200);
        return (await api.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", "{}")).Expect(201).Data.GetProperty("secret").GetString()!;
    }

    private static async Task<IReadOnlyList<string>> Run(ApiClient api, IReadOnlyList<OpenSession> sessions, int each)
    {
        var runs = new List<string>();
        for (var i = 0; i < each; i++)
        {
            foreach (var session in sessions)
            {
                var run = (await api.Post(Market.RunRoute, session.Token, Market.Input(Market.Of(i)))).Expect(200).Data;
                runs.Add(run.GetProperty("run_id").GetString()!);
            }
        }

        return runs;
    }

    private static IEnumerable<string> RunsIn(IEnumerable<ReceivedMessage> messages) => messages.Select(message => message.Data.GetProperty("run_id").GetString()!);

    // The first time that each came.
    private static List<long> Sequences(IEnumerable<ReceivedMessage> messages) => [.. messages.DistinctBy(message => message.Id).Select(message => message.Data.GetProperty("sequence").GetInt64())];
}
