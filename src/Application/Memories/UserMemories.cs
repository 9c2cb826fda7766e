using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Sessions;
using Agora.Grains.Memories;
using Agora.Search;

namespace Agora.Application.Memories;

/// <summary>
/// What agents remember of their users: kept, edited, forgotten and found. A vector is made by a model that whoever asks names, held and paid as any call of the session's; where none is named, memories are found by their words.
/// </summary>
internal sealed class UserMemories(IEntities entities, IMemorySearch search, MemoryLog log, ModelCalls models)
{
    /// <summary>Places of vectors' runs among the ids of their request: behind all that the request itself may try.</summary>
    private const int KeepAttempt = 500, SearchAttempt = 600;

    /// <summary>Rows that one list reads at once.</summary>
    private const int ReadAtOnce = 16;

    private static readonly Rejection TooLong = new(Codes.NotEligible, $"The model's vectors are no use here: they have more than {Limits.MemoryDimensions} values, or are all zero.");

    public static MemoryOwner OwnerOf(ModelCaller call, SessionView session) => new(call.Tenant, SessionPaths.Agents(session), session.UserId);

    public Task<(IReadOnlyList<KeptMemory> Memories, int Total)> List(ModelCaller call, MemoryOwner owner, bool onlyPinned, Page page) => search.List(owner, onlyPinned, page.Offset, page.Limit, call.Cancel);

    public Task<KeptMemory?> Find(ModelCaller call, MemoryOwner owner, Guid memoryId) => search.Find(owner, memoryId, call.Cancel);

    /// <summary>Also of one that was forgotten, so that a repeat of whatever forgot it finds its answer; null: there never was one.</summary>
    public Task<int?> BookOf(ModelCaller call, MemoryOwner owner, Guid memoryId) => search.BookOf(owner, memoryId, call.Cancel);

    /// <summary>With what they say, in their order; one that was forgotten meanwhile, or whose user was erased, is left out.</summary>
    public async Task<IReadOnlyList<SaidMemory>> Said(MemoryOwner owner, IEnumerable<(KeptMemory Memory, double? Score)> memories, CancellationToken cancel)
    {
        var said = new List<SaidMemory>();
        foreach (var some in memories.Chunk(ReadAtOnce))
        {
            var read = await Task.WhenAll(some.Select(async one => (one.Memory, one.Score, Content: await log.Content(owner.Book(one.Memory.Book), one.Memory.Seq, one.Memory.MemoryId, cancel))));
            said.AddRange(read.Where(static one => one.Content is not null).Select(static one => new SaidMemory(one.Memory, one.Content!.Text, one.Score)));
        }

        return said;
    }

    /// <summary>As it stands now; null: it is not there any more.</summary>
    public async Task<SaidMemory?> Said(ModelCaller call, MemoryOwner owner, Guid memoryId) =>
        await Find(call, owner, memoryId) is { } kept && await Said(owner, [(kept, null)], call.Cancel) is [var said] ? said : null;

    /// <summary>Under an id that follows from the request, so a repeat keeps nothing twice; the vector is paid before, and where that is refused nothing is kept.</summary>
    /// <param name="source">Null: it was not taken from a chat.</param>
    public async Task<WrittenMemory> Keep(ModelCaller call, MemoryOwner owner, MemoryText asked, MemorySource? source = null)
    {
        var (memoryId, context) = (call.Context.CommandId, call.Context);
        var known = await BookOf(call, owner, memoryId);
        var vector = known is null ? await Vector(call, asked, KeepAttempt) : (null, new(null));
        if (vector.Made.Refused is { } refused) return WrittenMemory.Refused(refused);

        var keep = new MemoryCommand.Keep(memoryId, asked.Pinned, Content(asked.Text, vector.Direction), vector.Made.Model, source);
        for (var book = known ?? await search.LastBook(owner, call.Cancel); book < Limits.MemoryBooks; book++)
        {
            var answer = await Send(owner, book, keep, context);
            if (answer.Rejection != MemoryRejection.BookIsFull) return await Written(call, owner, memoryId, answer, vector.Made);
        }

        return WrittenMemory.Refused(MemoryRejection.TooMany);
    }

    /// <summary>Where it says what it said, and its vector is by the same model, no model is asked.</summary>
    public async Task<WrittenMemory> Edit(ModelCaller call, MemoryOwner owner, KeptMemory kept, MemoryText asked)
    {
        var before = await log.Content(owner.Book(kept.Book), kept.Seq, kept.MemoryId, call.Cancel);
        if (before?.Text == asked.Text && kept.Model == asked.Model)
        {
            return await Written(call, owner, kept.MemoryId, await Send(owner, kept.Book, new MemoryCommand.Pin(kept.MemoryId, asked.Pinned), call.Context), new(null));
        }

        var (direction, made) = await Vector(call, asked, KeepAttempt);
        return made.Refused is { } refused ? WrittenMemory.Refused(refused)
            : await Written(call, owner, kept.MemoryId, await Send(owner, kept.Book, new MemoryCommand.Edit(kept.MemoryId, asked.Pinned, Content(asked.Text, direction), made.Model), call.Context), made);
    }

    public Task<Answer> Forget(ModelCaller call, MemoryOwner owner, int book, Guid memoryId) => Send(owner, book, new MemoryCommand.Forget(memoryId), call.Context);

    /// <summary>Those that are pinned, and then those that answer a query best.</summary>
    /// <param name="model">Null: by words.</param>
    public async Task<AnsweredQuery> Answer(ModelCaller call, MemoryOwner owner, string query, string? model, int limit)
    {
        var (direction, made) = await Vector(call, new(query, false, model), SearchAttempt);
        if (made.Refused is not null) return new([], 0, made);

        var found = direction is null ? await search.ByWords(owner, query, limit, call.Cancel) : await search.Nearest(owner, made.Model!, direction, limit, call.Cancel);
        var all = found.Pinned.Select(static memory => (memory, (double?)null)).Concat(found.Best.Select(static best => (best.Memory, (double?)best.Score)));
        return new(await Said(owner, all, call.Cancel), found.Unvectored, made);
    }

    /// <summary>What a model that talks with the session's user is to know: the pinned ones and those that answer best. Where no vector is to be had, by words: a chat goes on without the best of its memories.</summary>
    /// <param name="embeddingModel">Null: by words.</param>
    public async Task<MemoryNotes> For(ModelCaller call, string query, string? embeddingModel, int limit)
    {
        if (await call.Peek() is not { } session) return MemoryNotes.None;

        var owner = OwnerOf(call, session);
        var found = await Answer(call, owner, query, embeddingModel, limit);
        return new((found.Made.Refused is null ? found : await Answer(call, owner, query, model: null, limit)).Memories, found.Made);
    }

    private async Task<(byte[]? Direction, MadeVectors Made)> Vector(ModelCaller call, MemoryText asked, int attempt)
    {
        if (asked.Model is not { } model) return (null, new(null));

        var made = await models.Embed(call, model, [asked.Text], attempt);
        if (made.Refused is not null) return (null, made);

        var vector = made.Vectors![0];
        return vector.Length <= Limits.MemoryDimensions && Direction.Of(vector) is { } direction ? (direction, made) : (null, made with { Refused = TooLong });
    }

    private static Personal Content(string text, byte[]? direction) => Personal.Of(new MemoryContent(text, direction));

    private Task<Answer> Send(MemoryOwner owner, int book, MemoryCommand command, CommandContext context) => entities.In(owner.Tenant).Memory(owner.Book(book).Id).Send(command, context);

    private async Task<WrittenMemory> Written(ModelCaller call, MemoryOwner owner, Guid memoryId, Answer answer, MadeVectors made) =>
        answer.Rejection is { } rejection ? new(null, rejection, made, answer.Replayed)
            : await Said(call, owner, memoryId) is { } said ? new(said, null, made, answer.Replayed)
            : new(null, MemoryRejection.NotFound, made, answer.Replayed); // it was forgotten since
}

/// <summary>What a memory is to say.</summary>
/// <param name="Model">Which makes its vector; null: none does.</param>
internal sealed record MemoryText(string Text, bool Pinned, string? Model);

/// <summary>A memory with what it says.</summary>
/// <param name="Score">How well it answers; null: nothing was asked, or it is pinned.</param>
internal sealed record SaidMemory(KeptMemory Kept, string Text, double? Score);

/// <param name="Memories">The pinned ones first.</param>
/// <param name="Unvectored">Memories that were not compared with the query's vector.</param>
internal sealed record AnsweredQuery(IReadOnlyList<SaidMemory> Memories, int Unvectored, MadeVectors Made);

/// <param name="Memory">Null: it was refused.</param>
internal sealed record WrittenMemory(SaidMemory? Memory, Rejection? Refusal, MadeVectors Made, bool Replayed)
{
    public static WrittenMemory Refused(Rejection rejection) => new(null, rejection, new(null), false);
}
