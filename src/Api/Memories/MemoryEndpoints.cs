using Agora.Application.Calls;
using Agora.Application.Memories;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Memories;

/// <summary>What an agent remembers of its user, from any of its sessions: kept, listed, edited, erased and found.</summary>
internal sealed class MemoryEndpoints(AgentMemories memories) : IFeature
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

    private async Task<Reply> KeepMemory(AgentCall call, MemoryText asked) => Written(await memories.Keep(call.ForModels, asked), isNew: true);

    private async Task<Reply> ListMemories(AgentCall call, MemoriesAsked asked) => (await memories.List(call.ForModels, asked)).Reply(
        page => Reply.Ok(new MemoriesData([.. page.Memories.Select(MemoryData.Of)], page.Total, asked.Page.Offset, asked.Page.Limit)) with { UntrustedFields = OfMany });

    private async Task<Reply> GetMemory(AgentCall call, string id) => (await memories.Get(call.ForModels, id)).Reply(static memory => Reply.Ok(MemoryData.Of(memory)) with { UntrustedFields = OfOne });

    private async Task<Reply> EditMemory(AgentCall call, MemoryEdit asked) => Written(await memories.Edit(call.ForModels, asked), isNew: false);

    private async Task<Reply> ForgetMemory(AgentCall call, string id) => (await memories.Forget(call.ForModels, id)).Reply(static forgotten => Reply.Ok(new ForgottenMemoryData(forgotten.MemoryId)));

    private async Task<Reply> SearchMemories(AgentCall call, MemoryQuery asked) => (await memories.Search(call.ForModels, asked)).Reply(static found => Reply.Ok(FoundMemoriesData.Of(found)) with { UntrustedFields = OfFound });

    private static Reply Written(Result<WrittenMemory> result, bool isNew) => result.Reply(written =>
    {
        var data = WrittenMemoryData.Of(written);
        return (isNew ? Reply.Created(data) : Reply.Ok(data)) with { UntrustedFields = OfWritten };
    });
}
