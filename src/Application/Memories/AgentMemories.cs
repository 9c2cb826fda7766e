using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Sessions;

namespace Agora.Application.Memories;

/// <summary>
/// Memories of the session's user, as an agent keeps, lists, reads, edits, forgets and finds them, and how the user wants replies. The session counts each call before anything of the user is read.
/// </summary>
internal sealed class AgentMemories(UserMemories memories, StoredPreferences preferences, Guide guide)
{
    private static readonly Rejection NoPreference = new(Codes.ValidationFailed, "Nothing is wished: DELETE erases what was.", [new("", "minProperties", "One member at least is wanted.")]);

    /// <summary>Keeps a memory under an id that follows from the call, which is its one durable change beside the run that makes its vector.</summary>
    public Task<Result<WrittenMemory>> Keep(ModelCaller call, MemoryText text) => In(call, async session => await Written(call, await memories.Keep(call, UserMemories.OwnerOf(call, session), text)));

    public Task<Result<MemoryPage>> List(ModelCaller call, MemoriesAsked asked) => In(call, async session =>
    {
        var owner = UserMemories.OwnerOf(call, session);
        var (kept, total) = await memories.List(call, owner, asked.OnlyPinned, asked.Page);
        var read = await memories.Said(owner, kept.Select(static memory => (memory, (double?)null)), call.Cancel);
        return Result.Of(new MemoryPage(read, total), await guide.LeadOn(call.Caller, session));
    });

    /// <param name="id">As the caller wrote it.</param>
    public async Task<Result<SaidMemory>> Get(ModelCaller call, string id)
    {
        var found = await Find(call, id, async (owner, memoryId) => await memories.Said(call, owner, memoryId));
        return await In(call, async session => Result.Of(found!.Value.Found, await guide.LeadOn(call.Caller, session)), found is null);
    }

    /// <summary>Changes what a memory says and whether it is pinned.</summary>
    public async Task<Result<WrittenMemory>> Edit(ModelCaller call, MemoryEdit asked)
    {
        var found = await Find(call, asked.Id, async (owner, memoryId) => await memories.Find(call, owner, memoryId));
        return await In(call, async _ => await Written(call, await memories.Edit(call, found!.Value.Owner, found.Value.Found, asked.Text)), found is null);
    }

    /// <param name="id">As the caller wrote it.</param>
    public async Task<Result<ForgottenMemory>> Forget(ModelCaller call, string id)
    {
        var found = await Find(call, id, async (owner, memoryId) => await memories.BookOf(call, owner, memoryId) is { } book ? new Kept(memoryId, book) : null);
        return await In(call, async session =>
        {
            var (owner, (memoryId, book)) = found!.Value;
            var answer = await memories.Forget(call, owner, book, memoryId);
            return (answer.Rejection is { } rejection ? await Refused<ForgottenMemory>(call, rejection) : Result.Of(new ForgottenMemory(memoryId), await guide.LeadOn(call.Caller, session))) with { Replayed = answer.Replayed };
        }, found is null);
    }

    public Task<Result<AnsweredQuery>> Search(ModelCaller call, MemoryQuery asked) => In(call, async session =>
    {
        var found = await memories.Answer(call, UserMemories.OwnerOf(call, session), asked.Query, asked.Model, asked.Limit);
        return found.Made.Refused is { } rejection ? await Refused<AnsweredQuery>(call, rejection) : Result.Of(found, await guide.LeadOn(call.Caller, session));
    });

    /// <summary>How the user wants replies.</summary>
    public async Task<Result<PreferencesNow>> Preferences(ModelCaller call)
    {
        var (session, refused) = await call.Enter();
        return session is null ? Refused(refused!) : Of(await preferences.Find(UserMemories.OwnerOf(call, session), call.Cancel));
    }

    /// <summary>Puts how the user wants replies. The result is what this call put, whatever was put since.</summary>
    public async Task<Result<PreferencesNow>> Put(ModelCaller call, ReplyPreferences asked)
    {
        var (session, refused) = await call.Enter(asked == new ReplyPreferences() ? NoPreference : null);
        if (session is null) return Refused(refused!);

        var (answer, put) = await preferences.Put(UserMemories.OwnerOf(call, session), asked, call.Context);
        return Written(answer, put);
    }

    public async Task<Result<PreferencesNow>> Erase(ModelCaller call)
    {
        var (session, refused) = await call.Enter();
        return session is null ? Refused(refused!) : Written(await preferences.Erase(UserMemories.OwnerOf(call, session), call.Context), null);
    }

    private static Result<PreferencesNow> Written(Answer answer, KeptPreferences? written) => (answer.Rejection is { } rejection ? Refused(rejection) : Of(written)) with { Replayed = answer.Replayed };

    private static Result<PreferencesNow> Of(KeptPreferences? kept) => Result.Of(new PreferencesNow(kept));

    private static Result<PreferencesNow> Refused(Rejection refusal) => Result.Refused<PreferencesNow>(refusal);

    /// <summary>What an id of the session's own user and agent names. Null if it names nothing: another's id brings nothing to life.</summary>
    private static async Task<(MemoryOwner Owner, T Found)?> Find<T>(ModelCaller call, string id, Func<MemoryOwner, Guid, Task<T?>> find)
        where T : class
    {
        if (call.Info.Malformed is not null || !PathIds.IsGuid(id, out var memoryId) || await call.Peek() is not { } session) return null;

        var owner = UserMemories.OwnerOf(call, session);
        return await find(owner, memoryId) is { } found ? (owner, found) : null;
    }

    /// <summary>The answer to a call that its session has counted and does not refuse.</summary>
    private async Task<Result<T>> In<T>(ModelCaller call, Func<SessionView, Task<Result<T>>> answer, bool isMissing = false)
        where T : class
    {
        var (session, refused) = await call.Enter(isMissing ? MemoryRejection.NotFound : null);
        return session is null ? await Refused<T>(call, refused!) : await answer(session);
    }

    private async Task<Result<WrittenMemory>> Written(ModelCaller call, WrittenMemory written) =>
        (written.Refusal is { } rejection ? await Refused<WrittenMemory>(call, rejection) : Result.Of(written, await guide.LeadOn(call.Caller))) with { Replayed = written.Replayed };

    private async Task<Result<T>> Refused<T>(ModelCaller call, Rejection rejection)
        where T : class => Result.Refused<T>(rejection, await guide.AfterRefused(call.Caller, rejection));

    private sealed record Kept(Guid MemoryId, int Book);
}

internal sealed record MemoryPage(IReadOnlyList<SaidMemory> Memories, int Total);

internal sealed record ForgottenMemory(Guid MemoryId);

/// <param name="Kept">Null if the user has none.</param>
internal sealed record PreferencesNow(KeptPreferences? Kept);
