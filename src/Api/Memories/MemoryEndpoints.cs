using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Sessions;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Memories;

/// <summary>What an agent remembers of its user, from any of its sessions: kept, listed, edited, erased and found.</summary>
internal sealed class MemoryEndpoints(Memories memories, Guide guide) : IFeature
{
    private static readonly IReadOnlyList<string> Paid = [Codes.NotFound, Codes.ScopeViolation, Codes.BudgetExceeded, Codes.NotEligible, Codes.ContentRefused, Codes.ValidationFailed, Codes.RateLimited, Codes.UpstreamFailed, Codes.Unavailable, Codes.IdempotencyConflict, Codes.IdempotencyInFlight];

    public static readonly Operation<MemoryText> Keep = new(Audience.Agents, "keep_memory", "POST /api/v2/memories", "Keep something about the user, for this agent's later sessions with the same user")
    {
        Read = MemoryRequests.Text,
        Status = StatusCodes.Status201Created,
        Data = typeof(WrittenMemoryData),
        Codes = [.. Paid, Codes.GrantExceeded],
        BodyExample = """{"text":"Drinks tea, no milk.","pinned":true,"model":"vectors"}""",
        DataExample = WrittenMemoryData.Example,
    };

    public static readonly Operation<MemoriesAsked> List = new(Audience.Agents, "list_memories", "GET /api/v2/memories", "What this agent keeps about the user, newest first")
    {
        ListsIds = ["memory_id"],
        Read = MemoriesAsked.Read,
        Data = typeof(MemoriesData),
        DataExample = $$"""{"memories":[{{MemoryData.Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Get = new(Audience.Agents, "get_memory", "GET /api/v2/memories/{memory_id}", "A memory: what it says, and where it comes from")
    {
        Read = static call => call.Id("memory_id"),
        Data = typeof(MemoryData),
        Codes = [Codes.NotFound],
        DataExample = MemoryData.Example,
    };

    public static readonly Operation<MemoryEdit> Edit = new(Audience.Agents, "edit_memory", "PUT /api/v2/memories/{memory_id}", "Have a memory say something else, or pin it: all that it is to be is sent")
    {
        Read = MemoryEdit.Read,
        Data = typeof(WrittenMemoryData),
        Codes = [.. Paid, Codes.GrantExceeded],
        BodyExample = """{"text":"Drinks coffee by now.","pinned":true,"model":"vectors"}""",
        DataExample = WrittenMemoryData.Example,
    };

    public static readonly Operation<string> Forget = new(Audience.Agents, "forget_memory", "DELETE /api/v2/memories/{memory_id}", "Erase a memory: it is shown and found no more")
    {
        Read = static call => call.Id("memory_id"),
        Data = typeof(ForgottenMemoryData),
        Codes = [Codes.NotFound, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = $$"""{"memory_id":"{{MemoryData.IdExample}}"}""",
    };

    public static readonly Operation<MemoryQuery> Search = new(Audience.Agents, "search_memories", "POST /api/v2/memories/search", "Find memories of the user: those that are pinned, and those that answer best")
    {
        Read = MemoryQuery.Read,
        Data = typeof(FoundMemoriesData),
        Codes = Paid,
        BodyExample = """{"query":"What does the user drink?","limit":5,"model":"vectors"}""",
        DataExample = FoundMemoriesData.Example,
    };

    private static readonly IReadOnlyList<string> OfOne = ["data.text"], OfWritten = ["data.memory.text"], OfMany = ["data.memories[].text"], OfFound = ["data.memories[].memory.text"];

    public void Map(Routes routes) => routes.Map(Keep, KeepMemory).Map(List, ListMemories).Map(Get, GetMemory).Map(Edit, EditMemory).Map(Forget, ForgetMemory).Map(Search, SearchMemories);

    private async Task<Reply> KeepMemory(AgentCall call, MemoryText asked)
    {
        var (session, refused) = await Visit(call);
        return session is null ? refused! : await Written(call, await memories.Keep(call, Memories.OwnerOf(call, session), asked), isNew: true);
    }

    private async Task<Reply> ListMemories(AgentCall call, MemoriesAsked asked)
    {
        var (session, refused) = await Visit(call);
        if (session is null) return refused!;

        var owner = Memories.OwnerOf(call, session);
        var (kept, total) = await memories.List(call, owner, asked.OnlyPinned, asked.Page);
        var said = await memories.Said(owner, kept.Select(static memory => (memory, (double?)null)), call.Cancel);
        return await Told(call, session, Reply.Ok(new MemoriesData([.. said.Select(MemoryData.Of)], total, asked.Page.Offset, asked.Page.Limit)) with { UntrustedFields = OfMany });
    }

    private async Task<Reply> GetMemory(AgentCall call, string id)
    {
        var found = await Known(call, id, async (owner, memoryId) => await memories.Said(call, owner, memoryId));
        var (session, refused) = await Visit(call, found is null ? MemoryRejection.NotFound : null);
        return session is null ? refused! : await Told(call, session, Reply.Ok(MemoryData.Of(found!.Value.Found)) with { UntrustedFields = OfOne });
    }

    private async Task<Reply> EditMemory(AgentCall call, MemoryEdit asked)
    {
        var found = await Known(call, asked.Id, async (owner, memoryId) => await memories.Find(call, owner, memoryId));
        var (session, refused) = await Visit(call, found is null ? MemoryRejection.NotFound : null);
        return session is null ? refused! : await Written(call, await memories.Edit(call, found!.Value.Owner, found.Value.Found, asked.Text), isNew: false);
    }

    private async Task<Reply> ForgetMemory(AgentCall call, string id)
    {
        var found = await Known(call, id, async (owner, memoryId) => await memories.BookOf(call, owner, memoryId) is { } book ? new Forgettable(memoryId, book) : null);
        var (session, refused) = await Visit(call, found is null ? MemoryRejection.NotFound : null);
        if (session is null) return refused!;

        var (owner, (memoryId, book)) = found!.Value;
        var answer = await memories.Forget(call, owner, book, memoryId);
        return answer.Rejection is { } rejection ? await guide.Refuse(call, rejection) with { Replayed = answer.Replayed }
            : await Told(call, session, Reply.Ok(new ForgottenMemoryData(memoryId)) with { Replayed = answer.Replayed });
    }

    private async Task<Reply> SearchMemories(AgentCall call, MemoryQuery asked)
    {
        var (session, refused) = await Visit(call);
        if (session is null) return refused!;

        var found = await memories.Answer(call, Memories.OwnerOf(call, session), asked.Query, asked.Model, asked.Limit);
        return found.Made.Refused is { } rejection ? await guide.Refuse(call, rejection)
            : await Told(call, session, Reply.Ok(FoundMemoriesData.Of(found)) with { UntrustedFields = OfFound });
    }

    /// <summary>What is looked for by an id of the session's own user and agent; null: there is nothing, and a stranger's id brings nothing to life.</summary>
    private static async Task<(MemoryOwner Owner, T Found)?> Known<T>(AgentCall call, string id, Func<MemoryOwner, Guid, Task<T?>> find)
        where T : class
    {
        if (call.Findings.Malformed is not null || !PathIds.IsGuid(id, out var memoryId) || (await call.Peek()).Reply is not SessionView session)
        {
            return null;
        }

        var owner = Memories.OwnerOf(call, session);
        return await find(owner, memoryId) is { } found ? (owner, found) : null;
    }

    /// <summary>The session counts the request, and refuses first what it refuses.</summary>
    private async Task<(SessionView? Session, Reply? Refused)> Visit(AgentCall call, Rejection? refused = null)
    {
        var answer = await call.Visit(call.Findings.Refusal ?? refused);
        return answer.Rejection is { } rejection ? (null, await guide.Refuse(call, rejection)) : (answer.As<SessionView>(), null);
    }

    private async Task<Reply> Written(AgentCall call, WrittenMemory written, bool isNew)
    {
        if (written.Refusal is { } rejection) return await guide.Refuse(call, rejection) with { Replayed = written.Replayed };

        var data = WrittenMemoryData.Of(written);
        return await Told(call, null, (isNew ? Reply.Created(data) : Reply.Ok(data)) with { UntrustedFields = OfWritten, Replayed = written.Replayed });
    }

    private Task<Reply> Told(AgentCall call, SessionView? session, Reply reply) => guide.Continued(call, reply, session);

    private sealed record Forgettable(Guid MemoryId, int Book);
}
