using System.Diagnostics;
using Agora.Crash.Support;
using Agora.Samples.Facilitator;
using Agora.Testing;
using Agora.Testing.Payments;
using Agora.Testing.Postgres;
using Agora.X402;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Each alarm that can be brought about is brought about on the real program, on PostgreSQL, watched by a real Prometheus with the rules of deploy/prometheus; then what docs/runbooks.md says is done, and it ends.
/// <para>Not here: AgoraTwoWriters (a cluster whose network parts: Orleans.Tests does that), AgoraMetricsDropped (no request makes series), and those of models: the drill calls none, and most of them learn for half a day at least. promtool has them ring.</para>
/// </summary>
public sealed class AlarmDrillTests(ITestOutputHelper output)
{
    private static readonly string[] OfBudget =
    [
        "AgoraBudget999Fast", "AgoraBudget999Slow", "AgoraBudget999Steady", "AgoraBudget9995Fast", "AgoraBudget9995Slow", "AgoraBudget9995Steady", "AgoraBudget9999Fast", "AgoraBudget9999Slow", "AgoraBudget9999Steady",
    ];

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    [DrillFact]
    public async Task Each_alarm_rings_for_what_it_is_meant_for_and_ends_by_its_runbook()
    {
        using var directory = new DataDirectory();
        using var database = PostgresServer.Start();
        var journal = database.CreateDatabase("drills");
        await using var provider = await TextProvider.Start();
        await using var receiver = new WebhookReceiver(ServerProcess.FreeAddress().Port);
        await using var sink = new WebhookReceiver(ServerProcess.FreeAddress().Port);
        var settles = true;
        await using var facilitator = await FacilitatorApp.Start(around: (http, next) => settles || http.Request.Path != "/settle" ? next(http) : Fails(http));
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address, TimeSpan.FromMinutes(2));
        var settings = new Dictionary<string, string>(MoneyMarket.Settings(facilitator), StringComparer.Ordinal) { ["AGORA_CHECKPOINT_SECONDS"] = "2", ["AGORA_CHECKPOINT_SINK"] = sink.Address.ToString() };
        await using var server = new RestartedServer(directory, address, $"{provider.Allowed},{receiver.Allowed},{sink.Allowed},{facilitator.Address.Authority}", ["--postgres", journal], new(settings));
        await server.Start();
        await Market.Load(api, provider);
        var session = (await Market.Open(api, users: 1, sessionsOfEach: 1))[0];
        var conversation = await Conversation(api);
        await using var prometheus = await Prometheus.Watch(address);

        // The first is what takes longest: a minute after the authorization has run out nobody knows whether it was paid.
        settles = false;
        using var payer = new TestPayer();
        var paid = await api.Send(HttpMethod.Post, Market.RunRoute, session.Token, $$$"""{"input":{"text":"x"},"pay_with":"x402","max_price_cents":{{{Market.PriceCents}}}}""", "x402-1", ("PAYMENT-SIGNATURE", TestPayer.Header(payer.Pay(PaymentTerms.Play.For(Market.PriceCents * 10_000L)!, DateTimeOffset.UtcNow))));
        Assert.InRange(paid.Status, 202, 504);

        await using (var traffic = new Traffic(api, session, conversation))
        {
            await traffic.Reach(200);
            Assert.Empty(await prometheus.Ringing());

            await Drill(prometheus, ["AgoraErrors", "AgoraOverload", "AgoraJournalUnavailable", "AgoraMessagesNotTaken", "AgoraSweeperLate", .. OfBudget], () => database.Stop(), () => database.Resume());
        }

        await Drill(prometheus, ["AgoraJournalDefect"], async () =>
        {
            PostgresServer.Execute(journal, "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22000'; END $$; CREATE TRIGGER broken BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION broken()");
            await Run(api, session, "defect");
        }, () =>
        {
            PostgresServer.Execute(journal, "DROP TRIGGER broken ON journal; DROP FUNCTION broken()");
            return Task.CompletedTask;
        });

        await Drill(prometheus, ["AgoraDown"], server.Kill, server.Start);
        await Drill(prometheus, ["AgoraGuessing"], () => Task.WhenAll(Enumerable.Range(0, 16).Select(_ => api.Get("/admin/users", "no-key-of-ours"))), () => Task.CompletedTask);
        await Drill(prometheus, ["AgoraCheckpointLate"], async () =>
        {
            sink.Answers = static _ => (500, null);
            (await Run(api, session, "not told")).Expect(200);
        }, () =>
        {
            sink.Answers = static _ => (200, null);
            return Task.CompletedTask;
        });

        await Drill(prometheus, ["AgoraWebhookBacklog"], async () =>
        {
            receiver.Answers = static _ => (503, "later");
            (await api.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["run.succeeded"]}""")).Expect(200);
            (await api.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", "{}")).Expect(201);
            (await Run(api, session, "for the books")).Expect(200);
            await Market.Eventually(() => Task.FromResult(receiver.Received.Count), static tries => tries > 0, TimeSpan.FromSeconds(30));
        }, () =>
        {
            receiver.Answers = static _ => (200, null);
            return Task.CompletedTask;
        });

        // A service that stands still: calls under way are slow, and what they hold is old.
        List<Task> slow = [];
        var held = provider.Hold();
        await Drill(prometheus, ["AgoraHoldOverdue", "AgoraSlow"], async () =>
        {
            for (var n = 0; n < 12; n++)
            {
                slow.AddRange(Enumerable.Range(0, 3).Select(i => Run(api, session, $"slow {n} {i}")));
                await Task.Delay(TimeSpan.FromSeconds(4));
            }
        }, async () =>
        {
            provider.Release(held);
            await Task.WhenAll(slow);
            foreach (var n in Enumerable.Range(0, 100)) await Run(api, session, $"fast {n}");
        });

        await Drill(prometheus, ["AgoraSettlementsUnresolved"], () => Task.CompletedTask, async () =>
        {
            var run = (await api.Admin(HttpMethod.Get, "/admin/settlements?state=unresolved")).Expect(200).Data.GetProperty("settlements")[0].GetProperty("run_id").GetString();
            (await api.Admin(HttpMethod.Post, $"/admin/settlements/{run}/settle", """{"outcome":"not_paid","reason":"The nonce is not on the chain."}""", "by-hand")).Expect(200);
        });

        // From here on the store is damaged. A copy from before is the backup.
        await server.Stop();
        database.Stop();
        var backup = database.Copy();
        database.Resume();
        await server.Start();
        await Drill(prometheus, ["AgoraLedgerOff"], () =>
        {
            PostgresServer.Execute(journal, "UPDATE funds_totals SET balance_micros = balance_micros + 10000");
            return Task.CompletedTask;
        }, async () =>
        {
            await server.Stop();
            var (exitCode, said) = await ServerProcess.Run("rebuild", "--data", directory.Path, "--postgres", journal);
            Assert.True(exitCode == 0, said);
            await server.Start();
        });

        await Drill(prometheus, ["AgoraVerificationFailed"], async () =>
        {
            PostgresServer.Execute(journal, "UPDATE journal SET body = set_byte(body, length(body) - 1, (get_byte(body, length(body) - 1) + 1) % 256) WHERE ctid = (SELECT ctid FROM journal LIMIT 1)");
            await server.Stop();
            await server.Start();
        }, async () =>
        {
            var (exitCode, said) = await ServerProcess.Run("verify-journal", "--data", directory.Path, "--postgres", journal);
            Assert.True(exitCode == 1, said);
            await server.Stop();
            database.Stop();
            database.Restore(backup);
            database.Resume();
            await ServerProcess.Verify(directory.Path, "--postgres", journal);
            await server.Start();
        });

        await prometheus.Quiet();
    }

    private Task Drill(Prometheus prometheus, string[] alerts, Action cause, Action mend) => Drill(prometheus, alerts, () => Task.Run(cause), () => Task.Run(mend));

    private async Task Drill(Prometheus prometheus, string[] alerts, Func<Task> cause, Func<Task> mend)
    {
        var began = _clock.Elapsed;
        await cause();
        await prometheus.Ring(alerts);
        var rang = _clock.Elapsed;
        await mend();
        await prometheus.End(alerts);
        output.WriteLine($"{string.Join(", ", alerts)}: rang after {(rang - began).TotalSeconds:0} s, ended {(_clock.Elapsed - rang).TotalSeconds:0} s after it was mended");
    }

    private static Task Fails(HttpContext http)
    {
        http.Response.StatusCode = 500;
        return Task.CompletedTask;
    }

    private static Task<Received> Run(ApiClient api, OpenSession session, string text) => api.Post(Market.RunRoute, session.Token, Market.Input(text), text.Replace(' ', '-'));

    private static async Task<(string Id, string Key)> Conversation(ApiClient api)
    {
        foreach (var agent in new[] { "speaker", "hearer" }) (await api.Admin(HttpMethod.Put, $"/admin/agents/{agent}", "{}")).Expect(200);
        var key = (await api.Admin(HttpMethod.Post, "/admin/agents/speaker/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        var hearer = (await api.Admin(HttpMethod.Post, "/admin/agents/hearer/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        var id = (await api.Post("/conversations", key, """{"participants":["hearer"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        (await api.Post($"/conversations/{id}/join", hearer, "{}")).Expect(200);
        return (id, key);
    }

    /// <summary>What goes on all the time: runs and messages, one after the other, whatever is answered.</summary>
    private sealed class Traffic : IAsyncDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private readonly Task _all;
        private int _sent;

        public Traffic(ApiClient api, OpenSession session, (string Id, string Key) conversation)
        {
            _all = Task.WhenAll(
                Client(n => api.Post(Market.RunRoute, session.Token, Market.Input($"traffic {n}"))),
                Client(n => api.Post($"/conversations/{conversation.Id}/messages", conversation.Key, $$$"""{"message_id":"{{{Guid.CreateVersion7()}}}","content":{{{n}}}}""")));
        }

        public async Task Reach(int sent)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (Volatile.Read(ref _sent) < sent) await timer.WaitForNextTickAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _all;
            _over.Dispose();
        }

        private Task Client(Func<int, Task<Received>> send) => Task.Run(async () =>
        {
            while (!_over.IsCancellationRequested)
            {
                try
                {
                    await send(Interlocked.Increment(ref _sent));
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    // It was not answered at all, and the next one is asked.
                }

                await Task.Delay(20);
            }
        });
    }
}
