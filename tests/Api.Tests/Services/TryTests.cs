using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Tests.Services;

/// <summary>An operator calls a service once, and nobody pays.</summary>
public sealed class TryTests : IAsyncLifetime
{
    private const string Try = "/admin/services/summary/try";
    private const string Input = """{"input":{"text":"A long text."}}""";

    private readonly List<(Tenant Tenant, ServiceCall Call)> _called = [];
    private RunningApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await RunningApi.Start();
        _api.Service.Seen = (tenant, call) => { lock (_called) _called.Add((tenant, call)); };
        await _api.Client.Load();
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task The_service_is_called_for_real_as_a_try_and_nobody_pays()
    {
        _api.Service.Answers = static _ => Task.FromResult<StepOutcome>(new ServiceOutcome.Output("""{"summary":"Short."}"""u8.ToArray(), 2) { TookMs = 40 });

        var answer = (await Post(Input)).Expect(200);

        var tried = answer.Data;
        Assert.Equal(["data.output"], answer.Json.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()));
        var (tenant, call) = Assert.Single(_called);
        Assert.Equal((Tenant.Default, "summary", true, null), (tenant, call.ServiceId, call.IsTry, call.HeldMicros));
        Assert.Equal("""{"text":"A long text."}""", Encoding.UTF8.GetString(call.Body.Span));
        Assert.Equal(call.RunId, tried.GetProperty("try_id").GetGuid());
        Assert.Equal("Short.", tried.GetProperty("output").GetProperty("summary").GetString());
        Assert.Equal(("succeeded", 2, 40, JsonValueKind.Null), (tried.GetProperty("outcome").GetString(), tried.GetProperty("attempts").GetInt32(), tried.GetProperty("took_ms").GetInt32(), tried.GetProperty("failure_code").ValueKind));
        Assert.Equal(0, (await Read("/admin/runs")).GetProperty("runs").GetArrayLength());
        Assert.Equal(0, (await Read("/admin/payments")).GetProperty("payments").GetArrayLength());
        Assert.Equal("1000", (await Read("/admin/campaigns/survey")).GetProperty("escrow").GetProperty("remaining_cents").GetRawText());
        (await _api.Client.Admin(HttpMethod.Get, "/admin/wallets/text-provider")).Refused(404, Codes.NotFound);
    }

    [Theory]
    [InlineData("/input", "required", """{}""")]
    [InlineData("/input", "required", """{"input":{}}""")]
    [InlineData("/input/text", "minLength", """{"input":{"text":""}}""")]
    [InlineData("/input/text", "type", """{"input":{"text":1}}""")]
    [InlineData("/inputs", "additionalProperties", """{"input":{"text":"a"},"inputs":1}""")]
    public async Task Input_that_its_schema_does_not_allow_is_refused_by_its_place_and_nothing_is_called(string path, string keyword, string body)
    {
        var details = (await Post(body)).Refused(422, Codes.ValidationFailed).Error.GetProperty("details");

        Assert.Contains(details.EnumerateArray(), detail => detail.GetProperty("path").GetString()!.StartsWith(path, StringComparison.Ordinal) && detail.GetProperty("keyword").GetString() == keyword);
        Assert.Empty(_called);
    }

    [Fact]
    public async Task What_went_wrong_is_told_with_its_code_as_an_answer()
    {
        _api.Service.Answers = PlayedService.Fails(Codes.UpstreamTimeout);

        var tried = (await Post(Input)).Expect(200).Data;

        Assert.Equal(("failed", Codes.UpstreamTimeout, "The service failed.", JsonValueKind.Null), (tried.GetProperty("outcome").GetString(), tried.GetProperty("failure_code").GetString(), tried.GetProperty("reason").GetString(), tried.GetProperty("output").ValueKind));
    }

    [Fact]
    public async Task Each_try_has_an_id_of_its_own_and_one_that_is_sent_twice_the_same()
    {
        await Post(Input);
        await Post(Input);
        await Post(Input, "key-1");
        await Post(Input, "key-1");

        var ids = _called.Select(called => called.Call.RunId).ToList();
        Assert.Equal((4, 3), (ids.Count, ids.Distinct().Count()));
        Assert.Equal(ids[2], ids[3]);
        (await Post(Input.Replace("long", "short", StringComparison.Ordinal), "key-1")).Refused(409, Codes.IdempotencyConflict);
        Assert.Equal(4, _called.Count);
    }

    [Fact]
    public async Task A_try_is_an_act_with_its_reason()
    {
        var tried = (await _api.Client.Admin(HttpMethod.Post, Try, Input, ("Agora-Reason", "Its endpoint is new"))).Expect(200).Data;

        var act = Assert.Single((await Read("/admin/acts?operation=try_service")).GetProperty("acts").EnumerateArray());
        Assert.Equal(("summary", "Its endpoint is new", tried.GetProperty("try_id").GetString()), (act.GetProperty("target_id").GetString(), act.GetProperty("reason").GetString(), act.GetProperty("act_id").GetString()));
        Assert.DoesNotContain("A long text.", act.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_tried_at_once_is_bounded()
    {
        var answers = new TaskCompletionSource();
        _api.Service.Answers = async call =>
        {
            await answers.Task;
            return await PlayedService.Says("""{"summary":"Short."}""")(call);
        };
        const int OfOne = Limits.TriesAtOnce * 2 / 3;
        var going = Enumerable.Range(0, OfOne).Select(_ => Post(Input)).ToList();
        for (var since = DateTimeOffset.UtcNow; _called.Count < OfOne && DateTimeOffset.UtcNow - since < Hang.Timeout;) await Task.Delay(10);

        (await Post(Input)).Refused(503, Codes.Unavailable);

        answers.SetResult();
        foreach (var one in going) (await one).Expect(200);
        (await Post(Input)).Expect(200);
    }

    [Fact]
    public async Task A_metered_service_says_what_a_run_would_have_cost()
    {
        (await _api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"max_price_cents\":40", StringComparison.Ordinal))).Expect(200);
        _api.Service.Answers = static call => Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{}"u8.ToArray(), 1, CostMicros: call.HeldMicros / 2));

        Assert.Equal("20", (await Post(Input)).Expect(200).Data.GetProperty("cost_cents").GetRawText());
    }

    [Theory]
    [InlineData("agent:agent-1")]
    [InlineData("skill:translate")]
    public async Task What_only_agents_ask_is_not_tried(string endpoint)
    {
        (await _api.Client.Admin(HttpMethod.Put, "/admin/services/asked", $$"""{"name":"Asked","description":"Is asked","category":"text","price_cents":1,"endpoint":"{{endpoint}}","provider":"text-provider"}""")).Expect(200);

        Assert.Contains("is asked in a conversation", (await _api.Client.Admin(HttpMethod.Post, "/admin/services/asked/try", """{"input":{}}""")).Refused(422, Codes.ValidationFailed).Message, StringComparison.Ordinal);
        Assert.Empty(_called);
    }

    [Fact]
    public async Task A_viewer_and_another_tenant_try_nothing()
    {
        (await _api.Client.Post(Try, RunningApi.KeyOf(Role.Viewer), Input)).Refused(403, Codes.Forbidden);
        (await _api.Client.Post(Try, RunningApi.SecondAdminKey, Input)).Refused(404, Codes.NotFound);
        (await _api.Client.Post(Try, RunningApi.KeyOf(Role.Sponsor), Input)).Refused(403, Codes.Forbidden);
        Assert.Empty(_called);

        (await _api.Client.Post(Try, RunningApi.KeyOf(Role.Operator), Input)).Expect(200);
    }

    private Task<Received> Post(string body, string? key = null) => _api.Client.Admin(HttpMethod.Post, Try, body, key is null ? [] : [("Idempotency-Key", key)]);

    private async Task<JsonElement> Read(string path) => (await _api.Client.Admin(HttpMethod.Get, path)).Expect(200).Data;
}
