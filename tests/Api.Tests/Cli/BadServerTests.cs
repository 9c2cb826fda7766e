using System.Net;
using System.Net.Sockets;
using System.Text;
using Agora.Cli;

namespace Agora.Api.Tests.Cli;

/// <summary>What agora says of servers that are no good: each has a line, an exit code, and an end.</summary>
public sealed class BadServerTests(CommandTests.Served served) : IClassFixture<CommandTests.Served>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nAgora-Version: 9.9.9\r\nConnection: close\r\nContent-Type: application/json\r\n";

    /// <summary>Of a release to come: what is known is called, and a credential that is not known is said.</summary>
    private const string Document = """
        {"openapi":"3.1.0","x-new":{"a":1},"paths":{
          "/admin/things":{"get":{"operationId":"list_things","summary":"Things","tags":["New"],"security":[{"operatorKey":[]}],"parameters":[{"name":"limit","in":"query","required":false,"schema":{"type":["integer","null"],"x-new":[]}}],"responses":{"200":{}}}},
          "/admin/health":{"post":{"operationId":"fly","summary":"Fly","tags":["New"],"security":[{"wings":[]}],"responses":{"200":{}}}}}}
        """;

    [Fact]
    public async Task One_that_hangs_is_given_up_after_the_time_that_is_set()
    {
        using var server = new Scripted(static _ => null);
        var (code, output, error) = await Say(server, "list-things");
        Assert.Equal((ExitCodes.NoServer, ""), (code, output));
        Assert.Contains("did not answer within 1 s.", error, StringComparison.Ordinal);

        var (sick, said, _) = await Say(server, "doctor");
        Assert.Equal(ExitCodes.Unhealthy, sick);
        Assert.Contains("fix: Start it (./run)", said, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NoServer, (await Say(server, "watch")).Code);
    }

    [Fact]
    public async Task One_of_another_release_has_its_own_commands_and_what_is_not_known_is_said()
    {
        using var server = new Scripted(static path => path switch
        {
            "/openapi/v1.json" => $"{Ok}\r\n{Document}",
            "/admin/things" or "/admin/things?limit=2" => $$$"""{{{Ok}}}{{{"\r\n"}}}{"status":"success","data":{"things":[{"thing_id":"t1","new":{"deep":[1]},"count":3}],"limit":2,"later":true}}""",
            "/readyz" => $"{Ok}\r\n{{\"status\":\"success\",\"data\":{{\"state\":\"ready\"}}}}",
            _ => "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n{\"status\":\"error\",\"error\":{\"code\":\"not_found\",\"message\":\"No such route.\"}}",
        });
        var (code, output, error) = await Say(server, "list-things", "--limit", "2");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Contains("t1", output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Wrong, (await Say(server, "list-users")).Code);
        var fly = await Say(server, "fly");
        Assert.Equal(ExitCodes.Wrong, fly.Code);
        Assert.Contains("that this release does not know: wings", fly.Error, StringComparison.Ordinal);
        var watch = await Say(server, "watch");
        Assert.Equal(ExitCodes.Refused, watch.Code);
        Assert.Contains("GET /admin/events was answered 404", watch.Error, StringComparison.Ordinal);
        var doctor = await Say(server, "doctor");
        Assert.Contains("The server is 9.9.9, this is ", doctor.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/admin/health", "health")]
    [InlineData("/admin/services?limit=100", "services")]
    [InlineData("/admin/models/providers", "models")]
    [InlineData("/admin/settlements?state=unresolved&limit=100", "payments")]
    public async Task A_report_that_fails_is_unhealthy_and_not_called_an_older_release(string failing, string what)
    {
        using var server = new Scripted(path => path == failing
            ? "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n{\"status\":\"error\",\"error\":{\"code\":\"internal_error\",\"message\":\"Unexpected.\"}}"
            : $"{Ok}\r\n{{\"status\":\"success\",\"data\":{{\"services\":[],\"providers\":[],\"settlements\":[],\"checks\":[]}}}}");

        var (code, said, _) = await Say(server, "60", "doctor");

        Assert.Equal(ExitCodes.Unhealthy, code);
        Assert.Single(said.Split('\n'), line => line.StartsWith($"BAD  {what} ", StringComparison.Ordinal) && line.Contains("The server answers 500 instead of a report.", StringComparison.Ordinal));
        Assert.DoesNotContain("older release", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n<html>", "is no Agora")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nConnection: close\r\n\r\n", "is no Agora")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "does not answer")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"paths\"", "does not answer")]
    public async Task What_is_no_Agora_is_4(string answer, string said)
    {
        using var server = new Scripted(_ => answer);
        var (code, output, error) = await Say(server, "list-things");
        Assert.Equal((ExitCodes.NoServer, ""), (code, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off_and_says_what_to_do()
    {
        using var server = new Scripted(static path => path == "/openapi/v1.json" ? $"{Ok}\r\n{Document}" : $"{Ok}\r\n{{\"data\":\"", endless: static path => path.StartsWith("/admin/things", StringComparison.Ordinal));
        var (code, output, error) = await Say(server, "60", "list-things");
        Assert.Equal((ExitCodes.Refused, ""), (code, output));
        Assert.Contains("answers with more than 128 MiB: ask for less", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_profile_and_a_time_that_is_none_are_said_before_anything_is_sent()
    {
        var half = served.Terminal(("AGORA_URL", null), ("AGORA_ADMIN_KEY", null));
        Assert.Equal(ExitCodes.Done, (await CommandTests.Served.Say(half, "profile", "set", "half", "--admin-key", "@/nowhere/key")).Code);
        Assert.StartsWith("No server: ", (await CommandTests.Served.Say(half, "watch")).Error, StringComparison.Ordinal);
        var unreadable = await CommandTests.Served.Say(half, "watch", "--server", served.Address.ToString());
        Assert.Equal((ExitCodes.Wrong, "The credential in '/nowhere/key' cannot be read."), (unreadable.Code, unreadable.Error.Trim()));
        var time = await CommandTests.Served.Say(served.Terminal(("AGORA_TIMEOUT_SECONDS", "soon")), "list-users");
        Assert.Equal((ExitCodes.Wrong, "AGORA_TIMEOUT_SECONDS is a number of seconds from 1 to 3600."), (time.Code, time.Error.Trim()));
    }

    private Task<(int Code, string Out, string Error)> Say(Scripted server, params string[] arguments) => arguments[0] == "60"
        ? CommandTests.Served.Say(served.Terminal(("AGORA_URL", server.Address)), arguments[1..])
        : CommandTests.Served.Say(served.Terminal(("AGORA_URL", server.Address), ("AGORA_TIMEOUT_SECONDS", "1")), arguments);

    /// <summary>Answers each connection's first request by its path, and with nothing where that is null.</summary>
    private sealed class Scripted : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _over = new();

        public Scripted(Func<string, string?> answer, Func<string, bool>? endless = null)
        {
            _listener.Start();
            _ = Task.Run(async () =>
            {
                while (!_over.IsCancellationRequested)
                {
                    var client = await _listener.AcceptTcpClientAsync(_over.Token);
                    _ = Task.Run(() => Serve(client, answer, endless ?? (static _ => false)));
                }
            });
        }

        public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public void Dispose()
        {
            _over.Cancel();
            _listener.Stop();
            _over.Dispose();
        }

        private async Task Serve(TcpClient client, Func<string, string?> answer, Func<string, bool> endless)
        {
            using var ends = client;
            var stream = client.GetStream();
            try
            {
                using var reader = new StreamReader(stream, leaveOpen: true);
                var path = (await reader.ReadLineAsync(_over.Token))?.Split(' ') is [_, var asked, _] ? asked : "";
                if (answer(path) is not { } said)
                {
                    await Task.Delay(Timeout.Infinite, _over.Token);
                    return;
                }

                await stream.WriteAsync(Encoding.UTF8.GetBytes(said), _over.Token);
                for (var part = new byte[1 << 20]; endless(path);)
                {
                    part.AsSpan().Fill((byte)'a');
                    await stream.WriteAsync(part, _over.Token);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Whoever asked has gone.
            }
        }
    }
}
