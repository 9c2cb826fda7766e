using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Agora.Crypto;
using Agora.Provider.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What a service says where its Url is not the address that the call is signed for.</summary>
public sealed class UrlTests
{
    private static readonly Ed25519PrivateKey Key = new([.. Enumerable.Range(0, 32).Select(static n => (byte)n)]);

    [Fact]
    public async Task A_call_that_is_signed_for_another_address_is_refused_with_both_addresses()
    {
        var at = ClientWorld.FreeAddress();
        var (app, logged) = await Serve(at, new("https://texts.example/"));
        await using var stopped = app;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var call = SignedCall.Of(new(at, "shout"), """{"text":"a"}""", "run-1", Key, signedFor: new("https://staging.example/shout"));

        using var refused = await http.SendAsync(call);

        var message = (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!["message"]!;
        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Contains("signed for https://texts.example/shout.", message, StringComparison.Ordinal);
        Assert.Contains($"This call came to {at.Authority}/shout.", message, StringComparison.Ordinal);
        Assert.Equal([message], logged);
    }

    [Theory]
    [InlineData("https://texts.example/shout", 1)]
    [InlineData("https://texts.example/shout/", 1)]
    [InlineData("https://texts.example/", 0)]
    [InlineData("https://texts.example/no-shout", 0)]
    public async Task A_Url_that_ends_in_the_services_path_is_warned_of_once_at_start(string url, int warnings)
    {
        var (app, logged) = await Serve(ClientWorld.FreeAddress(), new(url));
        await using var stopped = app;

        Assert.Equal(warnings, logged.Count);
        Assert.All(logged, static line => Assert.Contains("only calls to https://texts.example/shout/shout are accepted", line, StringComparison.Ordinal));
    }

    private static async Task<(WebApplication App, ConcurrentQueue<string> Logged)> Serve(Uri at, Uri url)
    {
        var logged = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(new Warnings(logged));
        builder.Services.AddAgoraServices(url, static options => options.FindKey = static (_, _) => Task.FromResult<byte[]?>(Key.PublicKey.ToArray()));
        var app = builder.Build();
        app.Urls.Add(at.ToString());
        app.MapAgoraService<Text, Text>(new("shout", "text", "provider-c") { PriceCents = 1 }, static text => text);
        await app.StartAsync();
        return (app, logged);
    }

    private sealed record Text(string Value);

    private sealed class Warnings(ConcurrentQueue<string> logged) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => logged.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
