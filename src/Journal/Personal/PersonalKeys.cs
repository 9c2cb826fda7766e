using System.Security.Cryptography;
using System.Text;

namespace Agora.Journal.Personal;

/// <summary>
/// The users' data keys: made at first use, stored wrapped with the master key (AES-256-GCM, the key's id as context), destroyed to
/// erase what they sealed.
/// <para>OneObjectAKey: as long as anyone holds a key, all in this process hold the same object, so a destruction here reaches them all at
/// once. One by another process is seen by whoever asks after the time to live, and then by all holders here.</para>
/// <para>Bounds: at most <c>2 × capacity</c> keys are kept for their own sake, in two generations dropped whole; beyond that only what
/// others hold, by weak references that are swept when their number has doubled.</para>
/// </summary>
public sealed class PersonalKeys : IDisposable
{
    /// <summary>How long a destruction in another process may go unseen.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(1);

    private const int KeyBytes = 32;
    private const byte WrappedVersion = 1;
    private const int NoEra = -1;

    private readonly IJournal _journal;
    private readonly AesGcm _master;
    private readonly FillRandom _random;
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private readonly TimeSpan _timeToLive;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WeakReference<PersonalKey>> _held = new(StringComparer.Ordinal);
    private Dictionary<string, Cached> _young = new(StringComparer.Ordinal);
    private Dictionary<string, Cached> _old = new(StringComparer.Ordinal);
    private int _sweepHeldAt;
    private string? _position;
    private long _askedAt;
    private int _round;
    private int _era;

    /// <param name="masterKey">32 bytes.</param>
    /// <param name="timeToLive">Other than <see cref="TimeToLive"/>: for ever, where this process alone owns the store and so sees every destruction itself.</param>
    public PersonalKeys(IJournal journal, ReadOnlySpan<byte> masterKey, FillRandom random, TimeProvider time, int capacity = 20_000, TimeSpan? timeToLive = null)
    {
        if (masterKey.Length != KeyBytes)
        {
            throw new ArgumentException($"the master key has {masterKey.Length} bytes, not {KeyBytes}", nameof(masterKey));
        }

        _journal = journal;
        _master = new AesGcm(masterKey, Box.TagBytes);
        _random = random;
        _time = time;
        _capacity = capacity;
        _timeToLive = timeToLive ?? TimeToLive;
        _sweepHeldAt = 2 * capacity;
    }

    /// <summary>The user's key; made if there never was one. Completes at once while it is fresh in the cache.</summary>
    public ValueTask<PersonalKey> Get(string keyId, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            if (Find(keyId) is { } cached && (IsFresh(cached.ReadAt) || (cached.Era == _era && _position is not null && IsFresh(_askedAt))))
            {
                return new(cached.Key);
            }
        }

        return new(Load(keyId, cancel));
    }

    /// <summary>
    /// One look at what others destroyed. As long as the last was asked within the time to live, keys read before need not be read again:
    /// one question a process instead of one a key. Of no effect where the journal does not tell.
    /// </summary>
    public async Task Follow(CancellationToken cancel)
    {
        var askedAt = _time.GetTimestamp();
        if (await _journal.DestroyedKeys(_position, cancel) is not { } news) return;
        lock (_gate)
        {
            foreach (var id in news.Ids)
                if (_held.TryGetValue(id, out var held) && held.TryGetTarget(out var key))
                    key.Destroy();
            if (!news.Follows)
            {
                _era++;
            }

            _round++;
            _position = news.Position;
            _askedAt = askedAt;
        }
    }

    /// <summary>For ever, for all who hold the key in this process at once.</summary>
    public async Task Destroy(string keyId, CancellationToken cancel = default)
    {
        var start = Start();
        await _journal.DestroyKey(keyId, cancel);
        Keep(keyId, [], start);
    }

    public void Dispose()
    {
        lock (_gate) _master.Dispose();
    }

    private async Task<PersonalKey> Load(string keyId, CancellationToken cancel)
    {
        var start = Start();
        var wrapped = await _journal.LoadKey(keyId, cancel) ?? await _journal.PutKey(keyId, NewWrapped(keyId), cancel);
        return Keep(keyId, wrapped.Length == 0 ? [] : Unwrap(keyId, wrapped.Span), start);
    }

    // A key never changes but by being destroyed, and that is for ever: an object that is held stays the right one.
    private PersonalKey Keep(string keyId, byte[] key, (long At, int Round) start)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(keyId, out var held) || !held.TryGetTarget(out var kept))
            {
                kept = Hold(new PersonalKey(keyId, key, _random));
            }

            if (key.Length == 0)
            {
                kept.Destroy();
            }

            CryptographicOperations.ZeroMemory(key);
            if (_young.Count >= _capacity && !_young.ContainsKey(keyId))
            {
                (_old, _young) = (_young, new(StringComparer.Ordinal));
            }

            _young[keyId] = new Cached(kept, start.At, start.Round == _round ? _era : NoEra);
            return kept;
        }
    }

    private PersonalKey Hold(PersonalKey key)
    {
        if (_held.Count >= _sweepHeldAt)
        {
            foreach (var (id, held) in _held)
                if (!held.TryGetTarget(out _))
                    _held.Remove(id);
            _sweepHeldAt = 2 * Math.Max(_capacity, _held.Count);
        }

        _held[key.Id] = new WeakReference<PersonalKey>(key);
        return key;
    }

    private (long At, int Round) Start()
    {
        lock (_gate) return (_time.GetTimestamp(), _round);
    }

    private bool IsFresh(long at) => _time.GetElapsedTime(at) < _timeToLive;

    private Cached? Find(string keyId) => _young.GetValueOrDefault(keyId) ?? _old.GetValueOrDefault(keyId);

    private byte[] NewWrapped(string keyId)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        _random(key);
        lock (_gate) return Box.Seal(_master, WrappedVersion, key, Encoding.UTF8.GetBytes(keyId), _random);
    }

    private byte[] Unwrap(string keyId, ReadOnlySpan<byte> wrapped)
    {
        try
        {
            lock (_gate) return Box.Open(_master, WrappedVersion, wrapped, Encoding.UTF8.GetBytes(keyId));
        }
        catch (CryptographicException e)
        {
            throw new MasterKeyException($"the master key does not open personal key {keyId}: it is another one than wrapped it, or the stored key was changed", e);
        }
    }

    /// <param name="Era">Within it every destruction since the key was read is told; none when a look came between reading and keeping it, which may have told of it to nobody.</param>
    private sealed record Cached(PersonalKey Key, long ReadAt, int Era);
}

/// <summary>What is stored was wrapped with another master key, or was changed.</summary>
public sealed class MasterKeyException(string message, Exception inner) : CryptographicException(message, inner);
