using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Agora.Api.Tests.Support;
using Agora.Cli.MovingIn.Old;
using Agora.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>deploy/nginx/moving-in.conf in nginx itself, before an older chat and Agora.</summary>
public sealed class ProxyTests
{
    [ProxyFact]
    public async Task A_request_goes_where_its_session_belongs_and_nobody_outside_learns_where_that_is()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("id-of-ann", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1")));
        await moving.Redis.Put("id-of-bob", MovingIn.Session(OldFormat.MessagePack, "bob", ("user", "one"), ("assistant", "1")));
        (await moving.Say("import")).Done();
        await using var old = await Says("old");
        await using var page = await Says("new");
        await using var nginx = await Proxy.Start(old.Urls.Single(), page.Urls.Single(), moving.World.Api.Client.Address, RunningApi.PlatformKey);

        Assert.Equal("old old old", $"{await nginx.Get(null)} {await nginx.Get("id-of-ann")} {await nginx.Get("id-of-bob")}");
        (await moving.Say("switch", "--user", "ann", "--side", "both")).Done();
        Assert.Equal("old", await nginx.Get("id-of-ann"));
        (await moving.Say("switch", "--user", "ann")).Done();
        Assert.Equal("new old", $"{await nginx.Get("id-of-ann")} {await nginx.Get("id-of-bob")}");

        // What Flask signed has its signature behind a dot; who makes one up learns nothing, and either side asks for more than that.
        Assert.Equal("new old old", $"{await nginx.Get("id-of-ann.hQ0x8nX7Zm2uH1S0nJ3k4L5m6N7")} {await nginx.Get("id-of-anna")} {await nginx.Get(new string('x', 4_000))}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await nginx.Send("/api/v2/chat", "id-of-ann")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await nginx.Send("/agora-where", "id-of-ann")).StatusCode);
        Assert.Equal("old", await nginx.Get("id-of-bob", ("Agora-Old-Session", "id-of-ann"), ("Agora-Moved", "new")));
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = moving.World.Api.Client.Address, DefaultRequestHeaders = { { "Agora-Old-Session", "id-of-ann" } } };
        var asked = await stranger.GetAsync("/agent/where");
        Assert.Equal(HttpStatusCode.Unauthorized, asked.StatusCode);
        Assert.False(asked.Headers.Contains("Agora-Moved"));

        (await moving.Say("back", "--user", "ann")).Done();
        Assert.Equal("old", await nginx.Get("id-of-ann"));
    }

    [ProxyFact]
    public async Task Where_nobody_can_say_whose_it_is_neither_side_has_it()
    {
        await using var old = await Says("old");
        await using var moving = await MovingIn.WithoutRedis();
        await using var away = await Proxy.Start(old.Urls.Single(), old.Urls.Single(), new($"http://127.0.0.1:{FreePort.Next()}"), "any");
        await using var unknown = await Proxy.Start(old.Urls.Single(), old.Urls.Single(), moving.World.Api.Client.Address, "no-key-of-anybodys-0123456789abcdef");

        foreach (var nginx in new[] { away, unknown })
        {
            using var answer = await nginx.Send("/", "id");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "2"), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("Retry-After"))));
        }
    }

    private static async Task<WebApplication> Says(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http => http.Response.WriteAsync(name));
        await app.StartAsync();
        return app;
    }
}

/// <summary>nginx with the file as it is deployed; only ports and places are others.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly string _folder = Directory.CreateTempSubdirectory("agora-moving-nginx-").FullName;
    private readonly int _port = FreePort.Next();
    private readonly HttpClient _http;
    private readonly Process _process;

    private Proxy(string old, string page, Uri agora, string key)
    {
        var secret = Path.Combine(_folder, "key.conf");
        File.WriteAllText(secret, $"set $agora_key \"{key}\";\n");
        var parts = Repository.Text("deploy/nginx/moving-in.conf").Split("upstream agora");
        var file = string.Join("upstream agora", parts[0].Replace("api:8080", new Uri(page).Authority, StringComparison.Ordinal), parts[1].Replace("api:8080", agora.Authority, StringComparison.Ordinal))
            .Replace("old-chat:5000", new Uri(old).Authority, StringComparison.Ordinal)
            .Replace("listen 8081;", $"listen 127.0.0.1:{_port};", StringComparison.Ordinal)
            .Replace("/run/secrets/moving-in-key.conf", secret, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "moving-in.conf"), file);
        File.WriteAllText(Path.Combine(_folder, "nginx.conf"), $$"""
            worker_processes 1;
            pid {{_folder}}/nginx.pid;
            error_log stderr crit;
            events { worker_connections 256; }
            http {
              access_log off;
              client_body_temp_path {{_folder}}/client; proxy_temp_path {{_folder}}/proxy; fastcgi_temp_path {{_folder}}/fastcgi; uwsgi_temp_path {{_folder}}/uwsgi; scgi_temp_path {{_folder}}/scgi;
              include {{_folder}}/moving-in.conf;
            }
            """);
        string[] arguments = ["-e", "stderr", "-p", _folder, "-c", Path.Combine(_folder, "nginx.conf")];
        using (var test = Process.Start(new ProcessStartInfo(ProxyFactAttribute.Program!, [.. arguments, "-t"]) { RedirectStandardError = true })!)
        {
            var says = test.StandardError.ReadToEnd();
            test.WaitForExit();
            Assert.True(test.ExitCode == 0, says);
        }

        _process = Process.Start(new ProcessStartInfo(ProxyFactAttribute.Program!, [.. arguments, "-g", "daemon off;"]))!;
        _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = new($"http://127.0.0.1:{_port}") };
    }

    public static async Task<Proxy> Start(string old, string page, Uri agora, string key)
    {
        var proxy = new Proxy(old, page, agora, key);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Patience);
        while (!await proxy.Listens()) await timer.WaitForNextTickAsync(late.Token);
        return proxy;
    }

    public async Task<string> Get(string? cookie, params (string Name, string Value)[] headers)
    {
        using var answer = await Send("/", cookie, headers);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<HttpResponseMessage> Send(string path, string? cookie, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", $"theme=dark; session={cookie}");
        }

        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await _http.SendAsync(request);
    }

    /// <summary>With its workers, which a killed master would leave behind.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var stop = Process.Start(new ProcessStartInfo(ProxyFactAttribute.Program!, ["-e", "stderr", "-p", _folder, "-c", Path.Combine(_folder, "nginx.conf"), "-s", "stop"]))!) await stop.WaitForExitAsync();

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> Listens()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException) when (!_process.HasExited)
        {
            return false;
        }
    }
}

/// <summary>Where nginx or Redis is missing the test is skipped by name.</summary>
internal sealed class ProxyFactAttribute : FactAttribute
{
    public static string? Program { get; } = Programs.Find("nginx") ?? (File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : null);

    public ProxyFactAttribute() => Skip = Program is null ? "nginx is not on the PATH, nor in /usr/sbin" : RedisServer.Program is null ? "redis-server is not on the PATH" : null;
}
