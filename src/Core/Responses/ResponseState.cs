using System.Diagnostics;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Responses;

/// <summary>What was said is in the journal alone: however long a reply is, its state is small.</summary>
/// <param name="View">Null: it was never begun.</param>
public sealed record ResponseState(StreamId Stream, ResponseView? View)
{
    [JsonIgnore]
    public string? PersonalKey => View is null ? null : UserState.PersonalKeyOf(Stream.Tenant, View.UserId);

    public ResponseState Evolve(ResponseEvent happened, DateTimeOffset at) => happened switch
    {
        ResponseEvent.Begun e => this with { View = new(Stream.Id, e.SessionId, e.UserId, e.AgentId, e.Model, 0, at) },
        ResponseEvent.Said e => this with { View = View! with { Parts = e.Number + 1 } },
        ResponseEvent.Ended e => this with { View = View! with { EndedAt = at, FailureCode = e.FailureCode } },
        ResponseEvent.Deleted => this with { View = View! with { IsDeleted = true } },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}
