using System.Net;
using System.Text.RegularExpressions;

namespace Agora.Packaging.FirstMinutes;

/// <summary>The account of whoever starts a server for the first time.</summary>
public sealed partial class FirstAccountTests
{
    private const string Password = "a password of the first minutes";

    [TerminalFact]
    public async Task The_first_start_at_a_terminal_shows_a_code_once_with_which_its_account_signs_in_and_a_log_has_none()
    {
        using var shell = new Shell();
        var address = new Uri($"http://127.0.0.1:{Testing.FreePort.Next()}");
        // A terminal of its own; what it says is piped here.
        var (server, said) = shell.Begin("with the code", ["script", "--quiet", "--return", "--command", $"exec ./run --urls {address.ToString().TrimEnd('/')} --data first", "/dev/null"]);
        using (server)
        {
            try
            {
                var code = Code().Match(said).Groups[1].Value;
                Assert.NotEmpty(code);
                using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };
                Assert.Equal(HttpStatusCode.OK, (await Post(http, "/console/password", ("name", "admin"), ("code", code), ("password", Password), ("again", Password))).StatusCode);
                var signedIn = await Post(http, "/console/sign-in/password", ("name", "admin"), ("password", Password));
                Assert.Equal((HttpStatusCode.SeeOther, "/console"), (signedIn.StatusCode, signedIn.Headers.Location!.ToString()));
                Assert.NotEqual(HttpStatusCode.OK, (await Post(http, "/console/password", ("name", "admin"), ("code", code), ("password", Password), ("again", Password))).StatusCode);
            }
            finally
            {
                server.Kill(entireProcessTree: true);
                await server.WaitForExitAsync();
            }
        }

        var (logged, log) = shell.Begin("A first run, in another terminal", ["./run", "--urls", address.ToString().TrimEnd('/'), "--data", "second"]);
        using (logged)
        {
            logged.Kill(entireProcessTree: true);
            await logged.WaitForExitAsync();
        }

        Assert.DoesNotContain("apc_", log, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Post(HttpClient http, string path, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(static field => KeyValuePair.Create(field.Name, field.Value)));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Headers = { { "Origin", http.BaseAddress!.ToString().TrimEnd('/') } } };
        return await http.SendAsync(request);
    }

    [GeneratedRegex("(apc_[A-Za-z0-9_-]+)")]
    private static partial Regex Code();

    private sealed class TerminalFactAttribute : FactAttribute
    {
        public TerminalFactAttribute() => Skip = Programs.Find("script") is null ? "script is not here: it makes a terminal" : null;
    }
}
