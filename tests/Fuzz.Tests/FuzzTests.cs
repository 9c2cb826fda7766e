using System.Globalization;
using System.Security.Cryptography;
using Agora.Fuzz.Attacks;
using Agora.Fuzz.Servers;
using Agora.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace Agora.Fuzz.Tests;

/// <summary>The fuzzer and the attacks, on the server itself; and both on one that has the fault they look for.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Thousands_of_odd_requests_find_no_500_and_a_server_that_lives()
    {
        await using var target = new Target(await ServerUnderTest.Start());
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var (exitCode, said) = await Fuzzed(target, seed, Length.Of(25_000, shorter: 10_000));

        Assert.True(exitCode == 0, said);
        Assert.DoesNotContain(said.Split('\n'), line => line.StartsWith("0 inputs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_attack_is_refused()
    {
        await using var target = new Target(await ServerUnderTest.Start()) { IsBrief = Length.Skip is not null };
        var said = new StringWriter(CultureInfo.InvariantCulture);
        var exitCode = await AttackRun.All(target, "", said);
        output.WriteLine(said.ToString());

        Assert.True(exitCode == 0, said.ToString());
        Assert.All(Enumerable.Range(9, 9), number => Assert.Contains(said.ToString().Split('\n'), line => line.StartsWith($"refused  {number,2}  ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_that_answers_half_a_surrogate_pair_with_500_is_found_out()
    {
        await using var app = await Faulty();
        await using var target = new Target(new(app.Urls.Single()), "operators", "platform");
        var (exitCode, said) = await Fuzzed(target, 1, 5_000);

        Assert.True(exitCode == 1, said);
        Assert.Contains("500 to:", said, StringComparison.Ordinal);
        Assert.Contains("ud800", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_headers_breaks_the_attack_that_looks_for_them()
    {
        await using var app = await Faulty();
        await using var target = new Target(new(app.Urls.Single()), "operators", "platform");
        var said = new StringWriter(CultureInfo.InvariantCulture);

        Assert.Equal(1, await AttackRun.All(target, nameof(EdgeAttacks.MissingHeaders), said));
        Assert.StartsWith("BROKEN  17  ", said.ToString(), StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Said)> Fuzzed(Target target, int seed, int count)
    {
        var said = new StringWriter(CultureInfo.InvariantCulture);
        var exitCode = await FuzzRun.Of(target, new(count, null, seed, null, false, ""), said);
        output.WriteLine(said.ToString());
        return (exitCode, said.ToString());
    }

    /// <summary>One route, and one fault.</summary>
    private static async Task<WebApplication> Faulty()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/healthz", () => Results.Ok());
        app.MapGet("/openapi/v1.json", () => Results.Content(
            """{"paths":{"/notes":{"put":{"security":[{"operatorKey":[]}],"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["note"],"properties":{"note":{"type":"string"}}}}}}}}}}""", "application/json"));
        app.MapPost("/agent/auth", () => Results.Content("""{"data":{"token":"t"}}""", "application/json", null, 201));
        app.MapPut("/notes", async (HttpContext http) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            return Results.StatusCode((await reader.ReadToEndAsync()).Contains("ud800", StringComparison.Ordinal) ? 500 : 200);
        });
        await app.StartAsync();
        return app;
    }
}
