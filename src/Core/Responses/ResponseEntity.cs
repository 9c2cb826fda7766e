using Agora.Core.Kernel;

namespace Agora.Core.Responses;

/// <summary>A model's reply that is kept: so that it can be read again from any place, also after whoever called the model is gone, and gone on from.</summary>
public static class ResponseEntity
{
    public const string Kind = Kinds.Response;

    public static Entity<ResponseState, ResponseCommand, ResponseEvent> Entity { get; } = new(Kind)
    {
        Events = ResponseCodec.Events,
        Commands = ResponseCodec.Commands,
        Answers = new UnionCodec<object>().Case<ResponseView>("answer.response"),
        Snapshots = new(1, ResponseCodec.Save, ResponseCodec.Restore),
        Initial = static stream => new ResponseState(stream, null),
        Decide = ResponseDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (_, _) => { },
        Rows = static (_, _, _) => [],
        Recall = ResponseDecider.Recall,
        PersonalKey = static state => state.PersonalKey,
        Tick = new ResponseCommand.Tick(),
    };
}
