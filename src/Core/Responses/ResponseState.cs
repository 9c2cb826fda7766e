using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Responses;

/// <summary>What was said is in the journal alone: however long a reply is, its state is small.</summary>
/// <param name="View">Null: it was never begun.</param>
public sealed record ResponseState(StreamId Stream, ResponseView? View)
{
    /// <summary>Its user stands in its id, so that its first row can be sealed, too, and nobody finds a reply without knowing whose it is.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, ResponseIds.UserOf(Stream.Id));

    public ResponseState Evolve(ResponseEvent happened, DateTimeOffset at) => happened switch
    {
        ResponseEvent.Begun e => this with { View = new(ResponseIds.RunOf(Stream.Id), e.SessionId, ResponseIds.UserOf(Stream.Id), e.AgentId, e.Model, 0, e.CreatedAt) },
        ResponseEvent.Said e => this with { View = View! with { Parts = e.Number + 1 } },
        ResponseEvent.Ended e => this with { View = View! with { EndedAt = at, FailureCode = e.FailureCode } },
        ResponseEvent.Deleted => this with { View = View! with { IsDeleted = true } },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}

/// <summary>Ids of replies that are kept: the run's, and the user's.</summary>
public static class ResponseIds
{
    private const int RunLength = 32;

    public static string Of(Guid runId, string userId) => $"{runId:N}:{userId}";

    /// <returns>32 hexadecimal digits.</returns>
    public static string RunOf(string id) => id.Length > RunLength ? id[..RunLength] : id;

    public static string UserOf(string id) => id.Length > RunLength ? id[(RunLength + 1)..] : "";
}
