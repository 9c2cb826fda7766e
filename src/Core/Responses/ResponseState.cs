using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Responses;

/// <summary>What was said is in the journal alone: however long a reply is, its state is small.</summary>
/// <param name="View">Null: it was never begun.</param>
public sealed record ResponseState(StreamId Stream, ResponseView? View)
{
    /// <summary>Its user stands in its id, so that its first row can be sealed, too, and nobody finds a reply without knowing whose it is.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public ResponseState Evolve(ResponseEvent happened, DateTimeOffset at) => happened switch
    {
        ResponseEvent.Begun e => this with { View = new(OwnedIds.OwnOf(Stream.Id), e.SessionId, OwnedIds.UserOf(Stream.Id), e.AgentId, e.Model, 0, e.CreatedAt) },
        ResponseEvent.Said e => this with { View = View! with { Parts = e.Number + 1 } },
        ResponseEvent.Ended e => this with { View = View! with { EndedAt = at, FailureCode = e.FailureCode } },
        ResponseEvent.Deleted => this with { View = View! with { IsDeleted = true } },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}
