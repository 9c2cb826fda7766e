using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Web;

namespace Agora.Api.Admin.Services;

/// <summary>What answers in a service's place in a tenant for tests.</summary>
internal sealed class TestAnswerEndpoints(IEntities entities) : IFeature
{
    private const string Example = """{"service_id":"summary","answers":[{"input":{"text":"a"},"output":{"summary":"a"},"fails":null,"delay_ms":0,"cost_cents":null},{"input":null,"output":null,"fails":"timeout","delay_ms":0,"cost_cents":null}]}""";

    public static readonly Operation<(string ServiceId, IReadOnlyList<TestAnswer> Answers)> Put = new(
        Audience.Operators, "put_test_answers", "PUT /test/services/{service_id}/answers", "Say how a service answers in the test tenant: the first answer that fits the input")
    {
        OfTests = true,
        Read = static call => (call.Id("service_id"), Answers(call)),
        Data = typeof(TestAnswersData),
        Codes = [Codes.TestOnly, Codes.NotFound, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"answers":[{"input":{"text":"a"},"output":{"summary":"a"}},{"fails":"timeout"}]}""",
        DataExample = Example,
    };

    public static readonly Operation<string> Get = new(Audience.Operators, "get_test_answers", "GET /test/services/{service_id}/answers", "How a service answers in the test tenant")
    {
        OfTests = true,
        Read = static call => call.Id("service_id"),
        Data = typeof(TestAnswersData),
        Codes = [Codes.TestOnly, Codes.NotFound],
        DataExample = Example,
    };

    public void Map(Routes routes) => routes.Map(Put, PutAnswers).Map(Get, GetAnswers);

    private static IReadOnlyList<TestAnswer> Answers(Call call) =>
        [.. call.Body.Objects("answers", "In order: the first whose input is the run's, or that has none, answers.", Limits.TestAnswers).Select(fields => Answer(fields, call.Findings))];

    private static TestAnswer Answer(Fields fields, Findings findings)
    {
        var input = Json(fields, "input", "The input that it answers; absent: any.", findings);
        var output = Json(fields, "output", "What it answers. Either this or fails.", findings);
        var fails = fields.OneOf("fails", "How it fails instead.", TestFailures.All);
        var delay = fields.Integer("delay_ms", "So long it takes; longer than the service's timeout_ms is none.", 0, Limits.ServiceTimeoutMs * 2, absent: 0) ?? 0;
        var cost = fields.Cents("cost_cents", "What it says that the run cost, of a metered service; it may be more than was held.", required: false);
        fields.Rule(static schema => schema["oneOf"] = JsonNode.Parse("""[{"required":["output"]},{"required":["fails"]}]"""));
        if ((output is null) == (fails is null))
        {
            fields.Violate("", "oneOf", "Either output or fails is wanted.");
        }

        fields.Finish();
        return new(input, output, fails, delay, cost);
    }

    private static string? Json(Fields fields, string name, string meaning, Findings findings)
    {
        if (fields.Any(name, meaning, required: false) is not { } value) return null;

        var text = value.GetRawText();
        if (System.Text.Encoding.UTF8.GetByteCount(text) <= Limits.TestAnswerBytes) return text;

        findings.Violate(fields.At(name), "maxLength", $"At most {Limits.TestAnswerBytes} bytes of JSON are kept here.");
        return null;
    }

    private Task<Reply> PutAnswers(OperatorCall call, (string ServiceId, IReadOnlyList<TestAnswer> Answers) put) => call.Send<ServiceCommand, TestAnswers>(
        entities.In(call.Tenant).Service(put.ServiceId), new ServiceCommand.PutAnswers(put.Answers), TestAnswersData.Of);

    private async Task<Reply> GetAnswers(OperatorCall call, string serviceId)
    {
        var answer = await entities.In(call.Tenant).Service(serviceId).Send(new ServiceCommand.GetAnswers(), call.Fresh());
        return answer.Rejection is { } refusal ? Reply.Refused(refusal) : Reply.Ok(TestAnswersData.Of(answer.As<TestAnswers>()));
    }
}

internal sealed record TestAnswersData(string ServiceId, IReadOnlyList<TestAnswerData> Answers)
{
    public static TestAnswersData Of(TestAnswers answers) => new(answers.ServiceId, [.. answers.Answers.Select(TestAnswerData.Of)]);
}

internal sealed record TestAnswerData(RawJson? Input, RawJson? Output, string? Fails, int DelayMs, Cents? CostCents)
{
    public static TestAnswerData Of(TestAnswer answer) => new(RawJson.Of(answer.Input), RawJson.Of(answer.Output), answer.Fails, answer.DelayMs, answer.CostMicros is { } cost ? new(cost) : null);
}
