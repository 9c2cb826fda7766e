using System.Text;
using System.Text.Json;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Kernel;
using Agora.Web;

namespace Agora.Api.Admin.Services;

/// <summary>One call to a service by an operator: as a run makes it, and no run.</summary>
internal sealed class TryEndpoints(IEntities entities) : IFeature
{
    public static readonly Operation<(string ServiceId, JsonElement? Input)> Try = new(
        Audience.Operators, "try_service", "POST /admin/services/{service_id}/try", "Try a service: its provider is called for real, once as a run would call it, is told that it is a try, and nobody is charged")
    {
        Read = static call => (call.Id("service_id"), call.Body.Any("input", "What the service is given; its own schema says what.", required: true)),
        Data = typeof(TrialData),
        ShowsAnswer = true,
        HeldAgainst = "/input",
        Codes = AdminFlow.Mutation,
        BodyExample = """{"input":{"text":"Agora lets agents buy services."}}""",
        DataExample = """{"service_id":"summary","try_id":"0198c0de-0000-7000-8000-000000000000","outcome":"succeeded","output":{"summary":"Agents buy."},"cost_cents":null,"failure_code":null,"reason":null,"attempts":1,"took_ms":240}""",
    };

    private readonly FairPlaces _tries = new(Limits.TriesAtOnceOfAll, ofTenant: Limits.TriesAtOnce);

    public void Map(Routes routes) => routes.Map(Try, TryService);

    private async Task<Reply> TryService(OperatorCall call, (string ServiceId, JsonElement? Input) asked)
    {
        var service = entities.In(call.Tenant).Service(asked.ServiceId);
        var found = await service.Send(new ServiceCommand.Get(), call.Fresh());
        if (found.Rejection is { } missing) return Reply.Refused(missing);

        var input = asked.Input!.Value;
        if (((ServiceView)found.Reply!).Definition.InputSchema is { } schema && SchemaCache.ViolationsOnce(schema, input, "/input") is { Count: > 0 } wrong)
        {
            return Reply.Refused(Findings.Invalid(wrong));
        }

        if (call.Take(_tries, RequestOwners.Of(call.Actor), Codes.Unavailable) is { } crowded) return Reply.Refused(crowded);

        return await call.Send<ServiceCommand, ServiceTrial>(service, new ServiceCommand.Try(new(Encoding.UTF8.GetBytes(input.GetRawText()))), (trial, _) =>
            Task.FromResult(Reply.Ok(TrialData.Of(trial)) with { UntrustedFields = ["data.output"] }));
    }
}

/// <param name="CostCents">Of a metered service: what a run would have cost.</param>
/// <param name="FailureCode">Null: it answered.</param>
internal sealed record TrialData(string ServiceId, Guid TryId, string Outcome, RawJson? Output, Cents? CostCents, string? FailureCode, string? Reason, int Attempts, int TookMs)
{
    public static readonly IReadOnlyList<string> Outcomes = ["succeeded", "failed"];

    public static TrialData Of(ServiceTrial trial) => new(
        trial.ServiceId, trial.TryId, Outcomes[trial.Code is null ? 0 : 1], RawJson.Of(trial.Output), trial.CostMicros is { } cost ? new(cost) : null, trial.Code, trial.Reason, trial.Attempts, trial.TookMs);
}
