using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Payments;

namespace Agora.Payments.Tests;

/// <summary>The public client pays for a run of the real server, on its own process and data, before the sample facilitator.</summary>
public sealed class PaidRunTests : IAsyncLifetime
{
    private readonly DataDirectory _directory = new();
    private readonly Uri _address = ServerProcess.FreeAddress();
    private HostileFacilitator _facilitator = null!;
    private TextProvider _provider = null!;
    private ServerProcess _server = null!;
    private ApiClient _api = null!;

    public async Task InitializeAsync()
    {
        (_facilitator, _provider) = (await HostileFacilitator.Start(), await TextProvider.Start());
        await Start();
        _api = new(_address);
        await Market.Load(_api, _provider);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
        await _provider.DisposeAsync();
        await _facilitator.DisposeAsync();
        _directory.Dispose();
    }

    [PublicClientTheory]
    [InlineData(1, "base-sepolia")]
    [InlineData(2, "eip155:84532")]
    public async Task It_pays_a_run_and_a_lost_200_is_had_again_with_the_same_payment_after_kill_9_too(int version, string network)
    {
        var session = await Session();

        var paid = await PublicClient.Pay(Run, version, Body(), session.Token);

        Assert.True((int)paid["status"]! == 200, paid.ToJsonString());
        var run = JsonNode.Parse((string)paid["body"]!)!["data"]!;
        Assert.Equal("x402", (string?)run["payment"]!["source"]);
        Assert.Equal($"x402:eip155:84532:{((string)paid["payer"]!).ToLowerInvariant()}", (string?)run["payment"]!["paid_by"]!["id"]);
        Assert.Equal((true, network, "250000"), ((bool)paid["settled"]!["success"]!, (string)paid["settled"]!["network"]!, (string)paid["settled"]!["amount"]!));

        await _server.DisposeAsync();
        await Start();
        using var again = await Send(session, (string)paid["sent"]!, version);

        Assert.True((int)again.StatusCode == 200, await again.Content.ReadAsStringAsync());
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        var replayed = JsonNode.Parse(await again.Content.ReadAsStringAsync())!["data"]!;
        Assert.Equal(run["run_id"]!.ToJsonString() + run["output"]!.ToJsonString(), replayed["run_id"]!.ToJsonString() + replayed["output"]!.ToJsonString());
        var settled = JsonNode.Parse(Convert.FromBase64String(again.Headers.GetValues(version == 1 ? "X-PAYMENT-RESPONSE" : "PAYMENT-RESPONSE").Single()))!;
        Assert.Equal(paid["settled"]!["transaction"]!.ToJsonString(), settled["transaction"]!.ToJsonString());
        Assert.Equal((1, 1), (_facilitator.Transfers, _provider.Calls.Count));
    }

    [PublicClientFact]
    public async Task The_payer_that_money_md_shows_pays_a_run()
    {
        var session = await Session();
        var program = Regex.Match(Repository.Text("docs/money.md"), "```js\n(.*?)```", RegexOptions.Singleline).Groups[1].Value.Replace("/agent/services/text-summary/run", Market.RunRoute, StringComparison.Ordinal);

        var (exitCode, output, errors) = await NodeProgram.Ended("tests/Payments.Tests", "", ["--input-type=module", "-e", program], ("B", _address.ToString().TrimEnd('/')), ("TOKEN", session.Token), ("PAYER_KEY", $"0x{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}"));

        Assert.True(exitCode == 0, output + errors);
        Assert.StartsWith("200 {", output, StringComparison.Ordinal);
        Assert.Contains("\"source\":\"x402\"", output, StringComparison.Ordinal);
        Assert.Equal((1, 1), (_facilitator.Transfers, _provider.Calls.Count));
    }

    [PublicClientFact]
    public async Task Kill_9_while_the_facilitator_is_silent_after_settling_leads_to_one_charge_and_one_delivery()
    {
        var session = await Session();
        _facilitator.Next("/settle", FacilitatorConduct.SilentAfterActing);
        using var payer = new TestPayer();
        var payment = TestPayer.Header(payer.Pay(Selling.Terms.For(Market.PriceCents * 10_000)!, DateTimeOffset.UtcNow));
        var lost = Send(session, payment, 2);
        await _facilitator.Silence();

        await _server.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => lost);
        await Start();

        var outcome = await Market.Eventually(async () => await Said(session, payment), said => said.Status == 200, Hang.Timeout);
        Assert.Equal((1, 1), (_facilitator.Transfers, _provider.Calls.Count));
        Assert.Contains("\"x402\"", outcome.Body, StringComparison.Ordinal);
        var balance = (await _api.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data;
        Assert.Equal("0", balance.GetProperty("sum_cents").ToString());
    }

    private Uri Run => new(_address, Market.RunRoute);

    private static JsonObject Body() => new() { ["input"] = new JsonObject { ["text"] = "hello" }, ["max_price_cents"] = Market.PriceCents };

    private async Task Start() => _server = await ServerProcess.Start(
        _directory.Path, _address, $"{_provider.Allowed},{_facilitator.Address.Host}:{_facilitator.Address.Port}", surroundings: new(new Dictionary<string, string>
        {
            ["AGORA_X402_FACILITATOR"] = _facilitator.Address.ToString(),
            ["AGORA_X402_PAY_TO"] = Selling.Terms.PayTo,
            ["AGORA_X402_NETWORK"] = Selling.Terms.Network,
        }));

    /// <summary>Whose user has done no task: no sponsor pays. What operators put is found within a second.</summary>
    private async Task<OpenSession> Session()
    {
        var session = await Market.Open(_api, "user-1");
        await Market.Eventually(() => _api.Get("/agent/tasks/survey", session.Token), task => task.Status == 200, Hang.Timeout);
        return session;
    }

    private async Task<HttpResponseMessage> Send(OpenSession session, string payment, int version)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, Run) { Content = new StringContent(Body().ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {session.Token}");
        request.Headers.TryAddWithoutValidation(version == 1 ? "X-PAYMENT" : "PAYMENT-SIGNATURE", payment);
        return await http.SendAsync(request);
    }

    private async Task<(int Status, string Body)> Said(OpenSession session, string payment)
    {
        using var answer = await Send(session, payment, 2);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
