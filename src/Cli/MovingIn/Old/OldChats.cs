using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Agora.Cli.MovingIn.Formats;

namespace Agora.Cli.MovingIn.Old;

/// <summary>A session as it is kept at the old side.</summary>
/// <param name="Bytes">Null: they are more than may be.</param>
/// <param name="LeftMilliseconds">Until it expires; null: it does not.</param>
internal sealed record OldKept(string Id, byte[]? Bytes, long? LeftMilliseconds);

/// <summary>Where sessions of the older chat are.</summary>
internal interface IOldChats : IAsyncDisposable
{
    /// <summary>About so many; null: nobody knows.</summary>
    Task<long?> Count(CancellationToken cancel);

    /// <summary>All that there are, few in the memory at a time. While the old side runs one may come twice.</summary>
    IAsyncEnumerable<OldKept> All(CancellationToken cancel);

    /// <returns>Null: it is not there, or not any more.</returns>
    Task<OldKept?> Find(string id, CancellationToken cancel);

    /// <summary>In place of what was read, unless that has changed meanwhile.</summary>
    /// <param name="read">Null: there was none.</param>
    /// <returns>False: it has.</returns>
    Task<bool> Replace(string id, OldKept? read, byte[] bytes, CancellationToken cancel);
}

/// <summary>Flask-Session's, in Redis: each under a prefix and its id.</summary>
internal sealed class RedisChats(RedisAddress address, string prefix) : IOldChats
{
    private const string AtOnce = "200";

    /// <summary>Of one that is written though it had gone: what Flask gives a permanent session.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(31);

    private readonly RedisClient _redis = new(address);

    /// <summary>A connection has one transaction at a time, and what is watched is watched on that connection: nobody else asks on it, so one that is lost between is never made anew by another.</summary>
    private readonly RedisClient _writer = new(address);
    private readonly SemaphoreSlim _writes = new(1, 1);

    public async Task<long?> Count(CancellationToken cancel) => (long?)await _redis.Ask(cancel, "DBSIZE");

    public async IAsyncEnumerable<OldKept> All([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var pattern = new StringBuilder();
        foreach (var character in prefix)
        {
            pattern.Append(character is '*' or '?' or '[' or ']' or '\\' ? "\\" : "").Append(character);
        }

        var cursor = "0";
        do
        {
            var page = (object?[])(await _redis.Ask(cancel, "SCAN", cursor, "MATCH", $"{pattern}*", "COUNT", AtOnce))!;
            cursor = Encoding.ASCII.GetString((byte[])page[0]!);
            foreach (var key in ((object?[])page[1]!).Cast<byte[]>())
            {
                if (await Find(Encoding.UTF8.GetString(key)[prefix.Length..], cancel) is { } kept)
                {
                    yield return kept;
                }
            }
        }
        while (cursor != "0");
    }

    public async Task<OldKept?> Find(string id, CancellationToken cancel)
    {
        try
        {
            var answers = await _redis.Ask([["GET", prefix + id], ["PTTL", prefix + id]], cancel);
            return answers[0] is null ? null : new(id, answers[0] as byte[], (long)answers[1]! is >= 0 and var left ? left : null);
        }
        catch (RedisException)
        {
            return new(id, [], null);
        }
    }

    /// <summary>A transaction that begins with a look: between it and the write nobody has written. The time until it expires is as it was.</summary>
    public async Task<bool> Replace(string id, OldKept? read, byte[] bytes, CancellationToken cancel)
    {
        await _writes.WaitAsync(cancel);
        try
        {
            return await Replace(prefix + id, read?.Bytes, read is null ? (long)Lifetime.TotalMilliseconds : read.LeftMilliseconds, bytes, cancel);
        }
        finally
        {
            _writes.Release();
        }
    }

    private async Task<bool> Replace(string key, byte[]? read, long? left, byte[] bytes, CancellationToken cancel)
    {
        var seen = (await _writer.Ask([["WATCH", key], ["GET", key]], cancel))[1] as byte[];
        if (!(seen ?? []).AsSpan().SequenceEqual(read ?? []))
        {
            await _writer.Ask(cancel, "UNWATCH");
            return false;
        }

        object[] set = left is { } milliseconds ? ["SET", key, bytes, "PX", Math.Max(milliseconds, 1).ToString(CultureInfo.InvariantCulture)] : ["SET", key, bytes];
        return (await _writer.Ask([["MULTI"], set, ["EXEC"]], cancel))[2] is not null;
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Dispose();
        await _writer.DisposeAsync();
        await _redis.DisposeAsync();
    }
}

/// <summary>An export in one file: an object of sessions by their ids, a list of sessions with session_id, or one of these a line. It is written anew, whole or not at all, when all is done.</summary>
internal sealed class JsonChats : IOldChats
{
    private const long MostBytes = 512L << 20;
    private static readonly string[] Ids = ["session_id", "sid", "id"];

    private readonly string _place;
    private readonly string _prefix;
    private readonly bool _isMap, _isLines;
    private readonly List<(string Id, byte[] Bytes)> _sessions = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Lock _one = new();
    private bool _isChanged;

    public JsonChats(string place, string prefix)
    {
        (_place, _prefix) = (place, prefix);
        var bytes = Content(place);
        try
        {
            _isLines = OldJsonShape.IsLines(bytes);
            if (_isLines)
            {
                foreach (var line in OldJsonShape.Lines(bytes))
                {
                    using var one = OldJson.Parse(line);
                    Add(one.RootElement, null);
                }

                return;
            }

            using var all = OldJson.Parse(bytes);
            _isMap = all.RootElement.ValueKind == JsonValueKind.Object;
            if (_isMap)
            {
                foreach (var session in all.RootElement.EnumerateObject()) Add(session.Value, OldJson.Texts(session.Value, _ => session.Name));
            }
            else if (all.RootElement.ValueKind == JsonValueKind.Array)
            {
                foreach (var session in all.RootElement.EnumerateArray()) Add(session, null);
            }
            else
            {
                throw new RefusedException("It is no object and no list.");
            }
        }
        catch (RefusedException e)
        {
            throw CliException.Wrong($"{place} is no export of sessions: {e.Message}");
        }
    }

    public Task<long?> Count(CancellationToken cancel) => Task.FromResult<long?>(_sessions.Count);

    public async IAsyncEnumerable<OldKept> All([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var (id, bytes) in _sessions.ToList()) yield return new(id, bytes, null);
        await Task.CompletedTask;
    }

    public Task<OldKept?> Find(string id, CancellationToken cancel) => Task.FromResult(Kept(id));

    public Task<bool> Replace(string id, OldKept? read, byte[] bytes, CancellationToken cancel)
    {
        lock (_one)
        {
            if (_places.TryAdd(id, _sessions.Count))
            {
                _sessions.Add((id, bytes));
            }
            else
            {
                _sessions[_places[id]] = (id, bytes);
            }

            _isChanged = true;
        }

        return Task.FromResult(true);
    }

    public ValueTask DisposeAsync()
    {
        if (_isChanged)
        {
            Places.Write(Path.GetDirectoryName(Path.GetFullPath(_place))!, _place, Text());
        }

        return ValueTask.CompletedTask;
    }

    private OldKept? Kept(string id)
    {
        lock (_one) return _places.TryGetValue(id, out var at) ? new(id, _sessions[at].Bytes, null) : null;
    }

    /// <summary>Only its id is read here: whatever else is wrong with it is wrong with this session alone.</summary>
    private void Add(JsonElement session, string? key)
    {
        var id = key ?? OldJson.Texts(session, IdOf) ?? throw new RefusedException("A session has no session_id.");
        id = id.StartsWith(_prefix, StringComparison.Ordinal) ? id[_prefix.Length..] : id;
        _places[id] = _sessions.Count;
        _sessions.Add((id, JsonMarshal.GetRawUtf8Value(session).ToArray()));
    }

    private static string? IdOf(JsonElement session) => session.ValueKind == JsonValueKind.Object
        ? Ids.Select(name => session.TryGetProperty(name, out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null).FirstOrDefault(static named => named is not null)
        : null;

    private string Text()
    {
        var sessions = _sessions.Select(session => (session.Id, Json: Encoding.UTF8.GetString(session.Bytes)));
        return _isMap ? "{\n" + string.Join(",\n", sessions.Select(session => $"{Encoding.UTF8.GetString(OldJson.Write(session.Id))}: {session.Json}")) + "\n}\n"
            : _isLines ? string.Concat(sessions.Select(static session => session.Json + "\n"))
            : "[\n" + string.Join(",\n", sessions.Select(static session => session.Json)) + "\n]\n";
    }

    private static byte[] Content(string place)
    {
        try
        {
            return new FileInfo(place).Length <= MostBytes ? File.ReadAllBytes(place) : throw CliException.Wrong($"{place} has more than {MostBytes >> 20} MiB: split it, or read Redis itself.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Wrong($"{place} cannot be read.");
        }
    }
}

/// <summary>A session a line: each line is whole by itself.</summary>
internal static class OldJsonShape
{
    public static bool IsLines(ReadOnlyMemory<byte> bytes) => Lines(bytes).Take(2).ToList() is [var first, ..] lines && (lines.Count == 2 || first.Span[0] == '{') && lines.TrueForAll(IsSession);

    public static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.Span.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? default : bytes[(end + 1)..];
            if (!line.Span.Trim(" \r\t"u8).IsEmpty)
            {
                yield return line;
            }
        }
    }

    private static bool IsSession(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var one = OldJson.Parse(line);
            return OldJson.Texts(one.RootElement, static root => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array);
        }
        catch (RefusedException)
        {
            return false;
        }
    }
}
