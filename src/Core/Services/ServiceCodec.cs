using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>Stored names, for ever.</summary>
public static class ServiceCodec
{
    public static readonly UnionCodec<ServiceEvent> Events = new UnionCodec<ServiceEvent>()
        .Case<ServiceEvent.DefinitionPut>("service.definition_put", personal: e => e.Secret, with: (e, secret) => e with { Secret = secret })
        .Case<ServiceEvent.Disabled>("service.disabled")
        .Case<ServiceEvent.Retried>("service.retried")
        .Case<ServiceEvent.Overcharged>("service.overcharged")
        .Case<ServiceEvent.Tried>("service.tried")
        .Case<ServiceEvent.AnswersPut>("service.test_answers_put");

    public static readonly UnionCodec<ServiceCommand> Commands = new UnionCodec<ServiceCommand>()
        .Case<ServiceCommand.PutService>("service.put")
        .Demanding<ServiceCommand.PutService>("service.put", 2, static c => c.Replacing?.If is not null)
        .Demanding<ServiceCommand.PutService>("service.put", 3, static c => c.Definition.IsAsked)
        .Case<ServiceCommand.PutTool>("service.put_tool")
        .Case<ServiceCommand.Disable>("service.disable")
        .Case<ServiceCommand.ReportOvercharge>("service.report_overcharge")
        .Case<ServiceCommand.PutAnswers>("service.put_test_answers")
        .Case<ServiceCommand.GetAnswers>("service.get_test_answers")
        .Case<ServiceCommand.Get>("service.get")
        .Case<ServiceCommand.GetSecret>("service.get_secret")
        .Case<ServiceCommand.Try>("service.try")
        .Case<ServiceCommand.Tick>("service.tick");

    public static byte[] Save(ServiceState state) =>
        JsonSerializer.SerializeToUtf8Bytes(new SavedService(state.Stream.ToString(), state.View, state.Secret, state.Answers), StoredJson.Options);

    public static ServiceState Restore(ReadOnlyMemory<byte> saved)
    {
        var service = JsonSerializer.Deserialize<SavedService>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(service.Stream), service.View, service.Secret) { Answers = service.Answers };
    }

    private sealed record SavedService(string Stream, ServiceView? View, Personal? Secret, IReadOnlyList<TestAnswer>? Answers = null);
}
