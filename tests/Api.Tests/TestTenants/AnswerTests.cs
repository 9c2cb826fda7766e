using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.TestTenants;

/// <summary>Services in a tenant for tests: nothing is called, and what is given for an input is taken for what a service said.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    private const string WithExample = """
        {"name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider","timeout_ms":200,
         "output_schema":{"type":"object","required":["summary"],"properties":{"summary":{"type":"string"}},"examples":[{"summary":"By the schema."}]}}
        """;

    private RunningApi _api = null!;
    private TestTenant _tests = null!;
    private string _token = "";

    public async Task InitializeAsync()
    {
        _api = await RunningApi.Start();
        _tests = new(_api);
        await _tests.Load();
        _token = await _tests.Open();
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task The_first_answer_that_fits_is_the_output_and_is_paid_with_play_money()
    {
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"input":{"text":"b"},"output":{"summary":"B"}},{"input":{"text":"a"},"output":{"summary":"A"}},{"output":{"summary":"any"}}]}""");

        var run = (await _tests.Run(_token, "a")).Expect(200);
        Assert.Equal("A", run.Data.GetProperty("output").GetProperty("summary").GetString());
        Assert.Equal("25", run.Data.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Equal("any", (await _tests.Run(_token, "c")).Expect(200).Data.GetProperty("output").GetProperty("summary").GetString());
        Assert.Equal("950", (await _tests.Get("/admin/wallets/agent:agent-1")).GetProperty("balance_cents").GetRawText());
        Assert.Equal("0", (await _tests.Get("/admin/ledger/trial-balance")).GetProperty("sum_cents").GetRawText());
        (await _api.Client.Admin(HttpMethod.Get, "/admin/wallets/agent:agent-1")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task An_answer_that_is_put_is_the_next_runs()
    {
        foreach (var n in Enumerable.Range(0, 5))
        {
            await _tests.Put("/test/services/summary/answers", $$$"""{"answers":[{"output":{"summary":"{{{n}}}"}}]}""");
            Assert.Equal($"{n}", (await _tests.Run(_token, $"text {n}")).Expect(200).Data.GetProperty("output").GetProperty("summary").GetString());
        }
    }

    [Theory]
    [InlineData("timeout", 504, Codes.UpstreamTimeout)]
    [InlineData("unavailable", 502, Codes.UpstreamFailed)]
    [InlineData("error", 502, Codes.UpstreamFailed)]
    [InlineData("refuses_input", 502, Codes.UpstreamFailed)]
    [InlineData("no_connection", 502, Codes.UpstreamFailed)]
    [InlineData("not_json", 502, Codes.UpstreamFailed)]
    [InlineData("too_large", 502, Codes.UpstreamFailed)]
    public async Task A_failure_that_is_asked_for_is_the_runs_and_costs_nothing(string fails, int status, string code)
    {
        await _tests.Put("/test/services/summary/answers", $$"""{"answers":[{"fails":"{{fails}}"}]}""");
        (await _tests.Run(_token)).Refused(status, code);
        Assert.Equal("1000", (await _tests.Get("/admin/wallets/agent:agent-1")).GetProperty("available_cents").GetRawText());
    }

    [Fact]
    public async Task A_service_that_refuses_its_input_is_not_tried_again_with_it_but_with_another_one()
    {
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"input":{"text":"wrong"},"fails":"refuses_input"},{"output":{"summary":"Short."}}]}""");
        var (key, body) = (("Idempotency-Key", "k"), """{"input":{"text":"wrong"},"pay_with":"wallet","max_price_cents":25}""");
        for (var time = 0; time < 2; time++)
        {
            var refused = (await _api.Client.Post("/agent/services/summary/run", _token, body, key)).Refused(502, Codes.UpstreamFailed); // the second is answered from the journal
            Assert.Equal(
                (false, "never", JsonValueKind.Null),
                (refused.Error.GetProperty("retry_allowed").GetBoolean(), refused.Error.GetProperty("retry").GetString(), refused.Error.GetProperty("retry_after_seconds").ValueKind));
            Assert.Contains("422", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.Contains("input", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);

            var first = refused.NextActions[0];
            Assert.Equal(("run_service", """{"pay_with":"wallet","max_price_cents":25}"""), (first.GetProperty("action").GetString(), first.GetProperty("body").GetRawText()));
            Assert.Equal("/agent/schemas/run_service/summary", first.GetProperty("schema_ref").GetProperty("url").GetString());
            Assert.NotEqual("k", first.GetProperty("idempotency_key").GetString());
            Assert.False(first.TryGetProperty("not_before", out _));
        }
    }

    [Fact]
    public async Task Where_nothing_fits_the_schemas_example_answers_and_a_wrong_output_or_a_late_one_fails()
    {
        await _tests.Put("/admin/services/summary", WithExample);
        Assert.Equal("By the schema.", (await _tests.Run(_token, "a")).Expect(200).Data.GetProperty("output").GetProperty("summary").GetString());
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"input":{"text":"wrong"},"output":{"summary":1}},{"input":{"text":"late"},"output":{"summary":"s"},"delay_ms":300}]}""");
        (await _tests.Run(_token, "wrong")).Refused(502, Codes.UpstreamFailed);
        (await _tests.Run(_token, "late")).Refused(504, Codes.UpstreamTimeout);
    }

    [Fact]
    public async Task Where_nothing_fits_at_all_the_run_says_so_and_costs_nothing()
    {
        var failed = (await _tests.Run(_token)).Refused(502, Codes.UpstreamFailed);
        Assert.Contains("/test/services/summary/answers", failed.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("1000", (await _tests.Get("/admin/wallets/agent:agent-1")).GetProperty("available_cents").GetRawText());
    }

    [Fact]
    public async Task A_metered_service_says_what_it_cost_and_gets_no_more_than_was_held()
    {
        await _tests.Put("/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"max_price_cents\":25", StringComparison.Ordinal));
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"input":{"text":"cheap"},"output":{},"cost_cents":3},{"input":{"text":"dear"},"output":{},"cost_cents":300},{"output":{}}]}""");

        Assert.Equal("3", (await _tests.Run(_token, "cheap")).Expect(200).Data.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Equal("25", (await _tests.Run(_token, "dear")).Expect(200).Data.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        (await _tests.Run(_token, "silent")).Refused(502, Codes.UpstreamFailed);
        Assert.Equal("1", (await _tests.Get("/admin/services/summary")).GetProperty("overcharges").GetRawText());
    }

    [Theory]
    [InlineData("""{"answers":[{}]}""", 422, Codes.ValidationFailed)]
    [InlineData("""{"answers":[{"output":1,"fails":"error"}]}""", 422, Codes.ValidationFailed)]
    [InlineData("""{"answers":[{"fails":"explodes"}]}""", 422, Codes.ValidationFailed)]
    [InlineData("""{"answers":[{"output":1,"delay_ms":-1}]}""", 422, Codes.ValidationFailed)]
    [InlineData("""{"answers":1}""", 422, Codes.ValidationFailed)]
    [InlineData("{}", 422, Codes.ValidationFailed)]
    public async Task What_is_no_answer_is_refused(string body, int status, string code) =>
        (await _tests.Admin(HttpMethod.Put, "/test/services/summary/answers", body)).Refused(status, code);

    [Fact]
    public async Task A_service_that_is_not_there_has_no_answers_not_found()
    {
        (await _tests.Admin(HttpMethod.Put, "/test/services/other/answers", """{"answers":[]}""")).Refused(404, Codes.NotFound);
        (await _tests.Admin(HttpMethod.Get, "/test/services/other/answers")).Refused(404, Codes.NotFound);
        Assert.Equal("[]", (await _tests.Get("/test/services/summary/answers")).GetProperty("answers").GetRawText());
    }

    [Fact]
    public async Task A_receipt_of_play_money_says_so_and_is_of_a_type_of_its_own()
    {
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"output":{}}]}""");
        var run = (await _tests.Run(_token)).Expect(200).Data.GetProperty("run_id").GetString();
        var parts = (await _api.Client.Get($"/agent/runs/{run}/receipt", _token)).Expect(200).Data.GetProperty("receipt").GetString()!.Split('.');

        Assert.Contains("\"typ\":\"agora-test-receipt+jwt\"", Decoded(parts[0]), StringComparison.Ordinal);
        Assert.Contains("\"mode\":\"test\"", Decoded(parts[1]), StringComparison.Ordinal);
    }

    private static string Decoded(string part) => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(part));
}
