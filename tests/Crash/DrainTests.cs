using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Agora.Crash.Support;

namespace Agora.Crash;

/// <summary>SIGTERM, as an orchestrator sends it while agents are at work.</summary>
public sealed class DrainTests
{
    private const int Agents = 16;
    private static readonly TimeSpan Patience = Hang.Timeout;

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
    public async Task A_connection_that_is_open_at_SIGTERM_has_its_next_request_answered_with_Connection_close_and_nobody_new_comes_in()
    {
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        await using var server = await ServerProcess.Start(directory.Path, address);
        using var idle = new KeptConnection(address);
        using var busy = new KeptConnection(address);
        Assert.StartsWith("HTTP/1.1 200", await idle.Ask("/healthz"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await busy.Ask("/healthz"), StringComparison.Ordinal);

        server.Terminate();
        using var api = new ApiClient(address);
        await Refused(api); // It takes its time to hear of it.

        foreach (var connection in new[] { idle, busy })
        {
            var last = await connection.Ask("/healthz");
            Assert.StartsWith("HTTP/1.1 200", last, StringComparison.Ordinal);
            Assert.Contains("Connection: close", last, StringComparison.OrdinalIgnoreCase);
            Assert.True(await connection.IsClosed());
        }

        Assert.True(await server.Ended() == 0, server.Output);
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
            Assert.Equal(["Drained"], Logged(server.Output)); // no entity asked one that was gone
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

    private static IEnumerable<string> Logged(string output) =>
        output.Split('\n').Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(line).RootElement).Where(static line => line.GetProperty("LogLevel").GetString() is not "Information" || line.GetProperty("Category").GetString() == "Agora.Silo.Lifetime").Select(static line => line.GetProperty("Message").GetString()!);

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
                // Nobody listens any more, so nothing was sent. No connection was closed under a request.
                Assert.True(closed.HttpRequestError is HttpRequestError.ConnectionError, closed.ToString());
                return;
            }

            if (reply.Status == 503) return;

            acknowledged.Enqueue((session, reply.Expect(200).Data.GetProperty("run_id").GetString()!));
        }
    }

    /// <summary>One connection, which nobody opens anew in silence.</summary>
    private sealed class KeptConnection : IDisposable
    {
        private readonly TcpClient _tcp = new();
        private readonly byte[] _buffer = new byte[16 * 1024];
        private readonly Uri _address;

        public KeptConnection(Uri address)
        {
            _address = address;
            _tcp.Connect(address.Host, address.Port);
        }

        /// <summary>The answer, which is small enough to come at once; empty when there is none.</summary>
        public async Task<string> Ask(string path)
        {
            await _tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {_address.Authority}\r\n\r\n"));
            return Encoding.ASCII.GetString(_buffer, 0, await _tcp.GetStream().ReadAsync(_buffer).AsTask().WaitAsync(Patience));
        }

        /// <summary>In order: the other side has said its last word.</summary>
        public async Task<bool> IsClosed()
        {
            while (await _tcp.GetStream().ReadAsync(_buffer).AsTask().WaitAsync(Patience) > 0)
            {
            }

            return true;
        }

        public void Dispose() => _tcp.Dispose();
    }
}
