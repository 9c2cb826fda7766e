using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Journal;

namespace Agora.Application.Conversations;

/// <summary>An entry and where it stands.</summary>
/// <param name="Behind">Right behind its row.</param>
internal sealed record ToldEntry(Entry Entry, FeedCursor Behind)
{
    public (RowPlace Row, int Index) Order => (Behind.Place, Entry.Index);

    public InboxPlace Place => new(Behind, Entry.IsLast ? null : Entry.Index);
}

/// <summary>
/// What one agent is told lately, in one process: as long as somebody listens for it there, and a little longer. Who is further behind than what is kept reads the journal.
/// <para>Complete: every entry behind the place from which it is known that the agent is to be told, as far as the feed was followed, is here.</para>
/// <para>Bounds: <see cref="TalkLimits.RecentEntries"/> and <see cref="TalkLimits.RecentBytes"/>.</para>
/// </summary>
internal sealed class Inbox(Tenant tenant, string agentId, RecentBytes all)
{
    private readonly Dictionary<string, Told> _conversations = new(StringComparer.Ordinal);
    private readonly RecentEntries _recent = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _more = New();
    private InboxPlace? _since;
    private long _bytes;
    private long _changes;

    public Tenant Tenant => tenant;

    public string AgentId => agentId;

    /// <summary>Its conversations were looked up.</summary>
    public Task Complete { get; set; } = Task.CompletedTask;

    /// <summary>It has joined or left since its conversations were last looked up. Guarded by whoever keeps it.</summary>
    public bool HasMoved { get; set; }

    /// <summary>Who listens. Guarded by whoever keeps it.</summary>
    public int Listeners { get; set; }

    public long LeftAt { get; set; }

    /// <summary>Streams of its conversations.</summary>
    public IReadOnlyList<string> Conversations => Heard.Conversations;

    /// <summary>Streams of its conversations, and up to where they are all of them: what changed behind it may not be known yet.</summary>
    public (IReadOnlyList<string> Conversations, InboxPlace? UpTo) Heard
    {
        get { lock (_gate) return ([.. _conversations.Keys], _since); }
    }

    /// <summary>Whether a place stands before another.</summary>
    public static bool IsBefore((RowPlace Row, int Index) one, (RowPlace Row, int Index) other) => Compare(one, other) < 0;

    /// <summary>As the table has it, unless a later row of the conversation was met.</summary>
    /// <param name="before">So many others of its standing changed behind it.</param>
    /// <returns>The conversation that is heard no more, for that would be one too many.</returns>
    public string? Stand(string stream, long seq, Member member, int before)
    {
        lock (_gate)
        {
            if (!_conversations.TryGetValue(stream, out var known) || known.Seq < seq)
            {
                _conversations[stream] = Told.Of(member, seq) with { Changed = -before };
            }

            return OneTooMany();
        }
    }

    /// <summary>From here on it is complete.</summary>
    public void Begin(InboxPlace since)
    {
        lock (_gate)
        {
            _since = since;
            Forget();
            Wake();
        }
    }

    /// <summary>Takes note of who it is in the conversation, and keeps what it is told.</summary>
    /// <returns>As of <see cref="Stand"/>.</returns>
    public string? Take(ToldEntry told)
    {
        var (entry, stream) = (told.Entry, told.Entry.Conversation.ToString());
        lock (_gate)
        {
            var unheard = Follow(stream, entry) ? OneTooMany() : null;
            if (_since is null || !Hears(stream, entry)) return unheard;

            _recent.Add(told);
            _bytes += all.Add(BytesOf(told));
            while (_recent.Count > TalkLimits.RecentEntries || _bytes > (all.IsFull ? 0 : TalkLimits.RecentBytes)) ForgetFirst();

            Wake();
            return unheard;
        }
    }

    /// <summary>What was said somewhere is erased: nothing of before is kept, and the journal has the rest.</summary>
    public void Erase(InboxPlace since)
    {
        lock (_gate)
        {
            if (_since is null) return;

            _since = since;
            Forget();
        }
    }

    public bool Hears(Entry entry)
    {
        lock (_gate) return Hears(entry.Conversation.ToString(), entry);
    }

    /// <summary>From here on it is complete no more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _since = null;
            Forget();
        }
    }

    /// <summary>What was told behind a place. Null: that is not known here. Of nothing, a task that ends when there is more.</summary>
    public (IReadOnlyList<ToldEntry> Entries, Task More)? After(InboxPlace place, int limit)
    {
        lock (_gate)
        {
            if (_since is null || Compare(place.Order, _since.Order) < 0) return null;

            for (var read = _recent.UpTo(place); read > TalkLimits.RecentRead; read--) ForgetFirst();
            return (_recent.Behind(place, limit), _more.Task);
        }
    }

    private static int Compare((RowPlace Row, int Index) one, (RowPlace Row, int Index) other) => one.Row.CompareTo(other.Row) is var rows and not 0 ? rows : one.Index.CompareTo(other.Index);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static long BytesOf(ToldEntry told) => 256 + (told.Entry.Happened is ConversationEvent.Said { Content: { } content } ? content.Utf8.Length : 0);

    private bool Hears(string stream, Entry entry) =>
        entry.IsFor(agentId) && _conversations.TryGetValue(stream, out var told) && Member.Hears(entry.Number, told.Invited, told.From, told.Until);

    // What moves the bounds of what it hears, as ConversationState has it. True: this did.
    private bool Follow(string stream, Entry entry)
    {
        var known = _conversations.GetValueOrDefault(stream);
        if (known is not null && entry.Seq <= known.Seq) return false;

        var next = entry.Happened switch
        {
            ConversationEvent.Opened e when e.Owner == agentId => new Told(entry.Seq - 1, Hearing.Takes, 0, 0, null),
            ConversationEvent.Opened e when e.Members.Contains(agentId) => Told.Of(Member.Invite(agentId, 1), entry.Seq - 1),
            ConversationEvent.Invited e when e.AgentId == agentId => Told.Of(Member.Invite(agentId, e.Number), entry.Seq - 1),
            ConversationEvent.Joined e when e.AgentId == agentId => (known ?? new(entry.Seq - 1, Hearing.Takes, 0, 0, null)) with { Hearing = Hearing.Takes, From = e.Number - 1, Until = null },
            ConversationEvent.Left e when e.AgentId == agentId && known is not null => known with { Hearing = Hearing.Left, Until = Math.Max(known.From, known.Until ?? e.Number) },
            ConversationEvent.Subscribed e when e.AgentId == agentId => new(entry.Seq - 1, Hearing.Takes, 0, e.From, null),
            ConversationEvent.Unsubscribed e when e.AgentId == agentId && known is not null => new(entry.Seq - 1, Hearing.Left, 0, 0, 0),
            _ => null,
        };
        if (next is null) return false;

        _conversations[stream] = next with { Changed = ++_changes };
        return true;
    }

    // What others open and what the agent left goes before what it takes part in: of that, only its own more pushes out any.
    private string? OneTooMany()
    {
        var isFull = _conversations.Count > TalkLimits.Heard + TalkLimits.HeardInvitations;
        var takes = _conversations.Count > TalkLimits.Heard ? _conversations.Values.Count(told => told.Hearing == Hearing.Takes) : 0;
        if (!isFull && takes <= TalkLimits.Heard) return null;

        var oldest = _conversations.Where(one => takes <= TalkLimits.Heard || one.Value.Hearing == Hearing.Takes).MinBy(one => (one.Value.Hearing, one.Value.Changed)).Key;
        _conversations.Remove(oldest);
        return oldest;
    }

    private void ForgetFirst()
    {
        var oldest = _recent.TakeFirst();
        _bytes -= all.Take(BytesOf(oldest));
        _since = oldest.Place;
    }

    private void Forget()
    {
        all.Take(_bytes);
        _bytes = 0;
        _recent.Clear();
    }

    private void Wake()
    {
        _more.TrySetResult();
        _more = New();
    }

    /// <summary>What is heard sooner than other things has the higher number.</summary>
    private enum Hearing
    {
        Left,
        Invited,
        Takes,
    }

    /// <param name="Seq">Of the row that says so; within it a later event may still change it.</param>
    private sealed record Told(long Seq, Hearing Hearing, long Invited, long From, long? Until)
    {
        /// <summary>The higher, the later.</summary>
        public long Changed { get; init; }

        public static Told Of(Member member, long seq) => new(seq, member.HasLeft ? Hearing.Left : member.IsInvited ? Hearing.Invited : Hearing.Takes, member.Invited, member.From, member.Until);
    }
}

/// <summary>Bytes of entries that are kept for all agents of a process.</summary>
internal sealed class RecentBytes
{
    private long _now;

    public bool IsFull => Volatile.Read(ref _now) > TalkLimits.RecentBytesOfAll;

    public long Add(long bytes)
    {
        Interlocked.Add(ref _now, bytes);
        return bytes;
    }

    public long Take(long bytes)
    {
        Interlocked.Add(ref _now, -bytes);
        return bytes;
    }
}
