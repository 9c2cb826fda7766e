using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Grains.Memories;

namespace Agora.Application.Memories;

/// <summary>How users want replies, as the journal has it. What is kept in the process is where the newest stood, and never what it says: so a user's erasure has nothing to reach here.</summary>
internal sealed class StoredPreferences(IEntities entities, MemoryLog log)
{
    private const int Known = 10_000;

    private readonly Remembered<MemoryOwner, long> _newest = new(Known);

    /// <returns>Null: none are there, or the user's data were erased.</returns>
    public async Task<KeptPreferences?> Find(MemoryOwner owner, CancellationToken cancel)
    {
        var (found, seq) = ((KeptPreferences?)null, _newest.Of(owner));
        await foreach (var (at, time, happened) in log.Read(owner.Preferences, Math.Max(0, seq - 1), cancel))
        {
            seq = at;
            found = happened is MemoryEvent.Preferred { Content: { } content } e && content.Read<ReplyPreferences>() is { } wanted ? new(e.Version, wanted, time) : null;
        }

        if (seq > 0)
        {
            _newest.Keep(owner, seq);
        }

        return found;
    }

    /// <returns>And what this command put, whatever was put or erased since: who repeats it is answered as it was. Null: it was refused, or the user's data were erased.</returns>
    public async Task<(Answer Answer, KeptPreferences? Put)> Put(MemoryOwner owner, ReplyPreferences wanted, CommandContext context)
    {
        var before = _newest.Of(owner);
        var answer = await Send(owner, new MemoryCommand.Prefer(Personal.Of(wanted)), context);
        if (answer.Reply is not PreferencesWritten { Version: var version }) return (answer, null);

        return (answer, await Version(owner, version, before) ?? (before > 0 ? await Version(owner, version, 0) : null));
    }

    /// <param name="after">Where it is looked for.</param>
    private async Task<KeptPreferences?> Version(MemoryOwner owner, int version, long after)
    {
        await foreach (var (_, time, happened) in log.Read(owner.Preferences, after, CancellationToken.None))
        {
            if (happened is MemoryEvent.Preferred e && e.Version == version)
            {
                return e.Content?.Read<ReplyPreferences>() is { } wanted ? new(version, wanted, time) : null;
            }
        }

        return null;
    }

    public Task<Answer> Erase(MemoryOwner owner, CommandContext context) => Send(owner, new MemoryCommand.Unprefer(), context);

    private Task<Answer> Send(MemoryOwner owner, MemoryCommand command, CommandContext context) => entities.In(owner.Tenant).Memory(owner.Preferences.Id).Send(command, context);
}

/// <param name="Version">From 1 on; an erasure is one, too.</param>
internal sealed record KeptPreferences(int Version, ReplyPreferences Wanted, DateTimeOffset UpdatedAt);
