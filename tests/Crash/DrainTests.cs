using System.Collections.Concurrent;
using Agora.Crash.Support;

namespace Agora.Crash;

/// <summary>SIGTERM, as an orchestrator sends it while agents are at work.</summary>
public sealed class DrainTests
{
    private const int Agents = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Runs_that_are_in_the_middle_at_SIGTERM_are_finished_and_answered_and_the_exit_code_is_0()
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = await ServerProcess.Start(directory.Path, address, provider.Allowed);
        await Market.Load(api, provider);
        var session = (await Market.Open(api, users: 1, sessionsOfEach: 1))[0];
        var gate = provider.Hold();
        var runs = Enumerable.Range(0, Agents).Select(n => api.Post(Market.RunRoute, session.Token, Market.Input(Market.Of(n)))).ToList();
        await Market.Eventually(() => Task.FromResult(provider.Calls.Count), calls => calls == Agents, Patience);

        server.Terminate();
        await Refused(api);
        gate.SetResult();

        Assert.All(await Task.WhenAll(runs), reply => reply.Expect(200));
        Assert.True(await server.Ended() == 0, server.Output);
        Assert.Contains("Drained", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_under_load_loses_nothing_acknowledged_and_every_reply_is_an_outcome_or_503()
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        var sessions = new List<OpenSession>();
        var acknowledged = new ConcurrentQueue<(OpenSession Session, string RunId)>();
        await using (var server = await ServerProcess.Start(directory.Path, address, provider.Allowed))
        {
            await Market.Load(api, provider);
            sessions.AddRange(await Market.Open(api, users: 2, sessionsOfEach: 4));
            var agents = Enumerable.Range(0, Agents).Select(n => UntilTheEnd(api, sessions[n % sessions.Count], n, acknowledged)).ToList();
            await Market.Eventually(() => Task.FromResult(acknowledged.Count), count => count >= 200, Patience);

            server.Terminate();

            await Task.WhenAll(agents);
            Assert.True(await server.Ended() == 0, server.Output);
        }

        await using var next = await ServerProcess.Start(directory.Path, address, provider.Allowed);
        foreach (var (session, runId) in acknowledged)
        {
            var run = (await api.Get($"/agent/runs/{runId}", session.Token)).Expect(200).Data;
            Assert.Equal("succeeded", run.GetProperty("state").GetString());
        }

        foreach (var session in sessions)
        {
            Assert.Equal(0m, (await Market.Standing(api, session)).Budget.GetProperty("reserved_cents").GetDecimal());
        }
    }

    // Until the port is closed: whatever is answered before that is a refusal of a server that drains.
    private static Task Refused(ApiClient api) => Market.Eventually(
        async () =>
        {
            try
            {
                return (await api.Get("/readyz", ServerProcess.PlatformKey)).Status;
            }
            catch (HttpRequestException)
            {
                return 0;
            }
        },
        status => status == 0,
        Patience);

    // One run after the other, without keys, until there is nobody to ask.
    private static async Task UntilTheEnd(ApiClient api, OpenSession session, int agent, ConcurrentQueue<(OpenSession, string)> acknowledged)
    {
        for (var n = 0; ; n++)
        {
            Received reply;
            try
            {
                reply = await api.Post(Market.RunRoute, session.Token, Market.Input($"{Market.Of(agent)} {Market.Of(n)}"));
            }
            catch (HttpRequestException closed)
            {
                // Nobody listens any more, or the idle connection was closed under the request: either way nothing was answered.
                Assert.True(closed.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded or HttpRequestError.Unknown, closed.ToString());
                return;
            }

            if (reply.Status == 503)
            {
                return;
            }

            acknowledged.Enqueue((session, reply.Expect(200).Data.GetProperty("run_id").GetString()!));
        }
    }
}
