using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Agora.Crash.Support;

/// <summary>An open session, as its agent knows it.</summary>
internal sealed record OpenSession(string Id, string UserId, string Token);

/// <summary>What the tests trade in: one service, one campaign that pays for it, and sessions that have done its task.</summary>
internal static class Market
{
    public const int PriceCents = 25;
    public const int RunsPerCompletion = 10_000;
    public const long FundedCents = 100_000_000;
    public const string RunRoute = "/agent/services/upper/run";
    private const string Agent = "agent-1";
    private static readonly TimeSpan Patience = Hang.Timeout;

    public static async Task Load(ApiClient api, TextProvider provider, int priceCents = PriceCents)
    {
        var service = $$"""
            {"name":"Upper","description":"Says it again","category":"text","price_cents":{{priceCents}},"endpoint":"{{provider.Address}}upper","provider":"text-provider"}
            """;
        const string Campaign = """
            {"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"One question","schema":{"type":"object","required":["rating"]},
             "data_types":["preferences"],"consents":["data_sharing"]},"services":[{"service_id":"upper"}],"runs_per_completion":10000}
            """;
        (await api.Admin(HttpMethod.Put, "/admin/services/upper", service)).Expect(200);
        (await api.Admin(HttpMethod.Put, "/admin/campaigns/survey", Campaign)).Expect(200);
        (await api.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", $$"""{"amount_cents":{{FundedCents}}}""", "fund-1")).Expect(200);
    }

    /// <summary>Sessions of several users, each of whom has done the task once: a completion counts for all of a user's sessions.</summary>
    public static async Task<IReadOnlyList<OpenSession>> Open(ApiClient api, int users, int sessionsOfEach)
    {
        var sessions = new List<OpenSession>();
        for (var user = 0; user < users; user++)
        {
            for (var i = 0; i < sessionsOfEach; i++)
            {
                sessions.Add(await Open(api, $"user-{user}"));
            }

            await Complete(api, sessions[^1]);
        }

        foreach (var session in sessions)
        {
            await Runnable(api, session);
        }

        return sessions;
    }

    public static string Input(string text) => $$$"""{"input":{"text":"{{{text}}}"}}""";

    public static string Of(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Asks again until it is as wanted; fails with what was seen last when the time is up.</summary>
    public static async Task<T> Eventually<T>(Func<Task<T>> look, Func<T, bool> wanted, TimeSpan patience)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        var deadline = DateTime.UtcNow + patience;
        for (var seen = await look(); ; seen = await look())
        {
            if (wanted(seen)) return seen;

            Assert.True(DateTime.UtcNow < deadline, $"After {patience.TotalSeconds} s it still is: {seen}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Sends it again until the server is there and says what became of it.</summary>
    /// <param name="isAnswer">False: it says that this is not known yet.</param>
    public static async Task<Received> Heard(Func<Task<Received>> send, Func<Received, bool> isAnswer, TimeSpan pause)
    {
        object? last = null;
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                var reply = await send();
                if (isAnswer(reply)) return reply;

                last = reply;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                last = e.Message; // the server was killed: what became of the request is not known
            }

            Assert.True(waited.Elapsed < Hang.Timeout, $"Nothing was ever heard but {last}");
            await Task.Delay(pause);
        }
    }

    public static async Task<OpenSession> Open(ApiClient api, string user, string agent = Agent, long budgetCents = 10_000_000)
    {
        const string All = """["*"]""";
        var body = $$$"""
            {"agent_id":"{{{agent}}}","user_id":"{{{user}}}","scopes":{"allowed_task_types":{{{All}}},"allowed_data_types":{{{All}}},"allowed_categories":{{{All}}},"allowed_consents":{{{All}}},"allowed_peers":{{{All}}},"allowed_payees":{{{All}}},"budget_limit_cents":{{{budgetCents}}}}}
            """;
        var opened = (await api.Post("/agent/auth", ServerProcess.PlatformKey, body)).Expect(201).Data;
        return new(opened.GetProperty("session_id").GetString()!, user, opened.GetProperty("token").GetString()!);
    }

    // What operators put is found by agents within a second.
    public static async Task Complete(ApiClient api, OpenSession session)
    {
        await Eventually(() => api.Get("/agent/tasks/survey", session.Token), task => task.Status == 200, Patience);
        (await api.Post("/agent/tasks/survey/complete", session.Token, """{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}""")).Expect(201);
    }

    public static Task Runnable(ApiClient api, OpenSession session) => Eventually(
        async () => (await api.Get("/agent/flow/status", session.Token)).Expect(200).Data,
        flow => flow.GetProperty("runnable_services").GetArrayLength() == 1,
        Patience);

    public static async Task<(JsonElement Budget, JsonElement Task)> Standing(ApiClient api, OpenSession session)
    {
        var flow = (await api.Get("/agent/flow/status", session.Token)).Expect(200).Data;
        return (flow.GetProperty("budget"), flow.GetProperty("completed_tasks").EnumerateArray().Single());
    }
}
