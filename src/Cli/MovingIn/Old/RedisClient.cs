using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Agora.Cli.MovingIn.Old;

/// <summary>What Redis answers with an error.</summary>
internal sealed class RedisException(string message) : Exception(message)
{
    /// <summary>The key has something else than a text.</summary>
    public bool IsWrongType => Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);
}

/// <summary>
/// A connection to Redis (RESP2, redis.io/docs/latest/develop/reference/protocol-spec): one question at a time, each answered within its time. An answer that is longer than it may be is read to its end and told as such, so the connection
/// goes on. One that was lost is made anew with the next question.
/// </summary>
internal sealed class RedisClient(RedisAddress address) : IAsyncDisposable
{
    private const int LineLength = 64 * 1024;
    private const int Items = 100_000;
    private const int Nested = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1, 1);
    private Stream? _stream;
    private byte[] _buffer = new byte[64 * 1024];
    private int _from, _to;

    /// <summary>Of a value that is longer than it may be.</summary>
    public static readonly object TooLong = new();

    /// <returns>null, long, string, byte[], object?[] or <see cref="TooLong"/>.</returns>
    /// <exception cref="RedisException">The key has something else than a text.</exception>
    public async Task<object?> Ask(CancellationToken cancel, params object[] words) => (await Ask([words], cancel))[0];

    /// <summary>Several, sent at once; none of another's stands between them.</summary>
    public async Task<object?[]> Ask(IReadOnlyList<object[]> questions, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            late.CancelAfter(Patience);
            try
            {
                var stream = _stream ??= await Connected(late.Token);
                return await Asked(stream, questions, late.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidDataException)
            {
                await Leave();
                cancel.ThrowIfCancellationRequested();
                throw new CliException(ExitCodes.NoServer, $"Redis at {address.Host}:{address.Port} does not answer: {(e is OperationCanceledException ? $"nothing within {Patience.TotalSeconds} s." : e.Message)}");
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Leave();
        _one.Dispose();
    }

    private async ValueTask Leave()
    {
        if (_stream is { } stream)
        {
            (_stream, _from, _to) = (null, 0, 0);
            await stream.DisposeAsync();
        }
    }

    private async Task<Stream> Connected(CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream stream;
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancel);
            stream = new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        if (address.IsTls)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host }, cancel);
            stream = tls;
        }

        if (address.Password is { } password)
        {
            await Asked(stream, [address.User is { } user ? ["AUTH", user, password] : ["AUTH", password]], cancel);
        }

        if (address.Database != 0)
        {
            await Asked(stream, [["SELECT", address.Database.ToString(CultureInfo.InvariantCulture)]], cancel);
        }

        return stream;
    }

    private async Task<object?[]> Asked(Stream stream, IReadOnlyList<object[]> questions, CancellationToken cancel)
    {
        using var sent = new MemoryStream();
        foreach (var words in questions) Write(sent, words);
        await stream.WriteAsync(sent.GetBuffer().AsMemory(0, (int)sent.Length), cancel);

        var (answers, refused) = (new object?[questions.Count], (RedisException?)null);
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = await Read(stream, 0, cancel);
            refused ??= answers[i] as RedisException;
        }

        return refused is null ? answers : throw (refused.IsWrongType ? refused : new CliException(ExitCodes.Refused, $"Redis refuses: {refused.Message}"));
    }

    private static void Write(MemoryStream into, object[] words)
    {
        Line(into, $"*{words.Length}");
        foreach (var word in words)
        {
            var bytes = word as byte[] ?? Encoding.UTF8.GetBytes((string)word);
            Line(into, $"${bytes.Length}");
            into.Write(bytes);
            into.Write("\r\n"u8);
        }
    }

    private static void Line(MemoryStream into, string line) => into.Write(Encoding.ASCII.GetBytes(line + "\r\n"));

    private async Task<object?> Read(Stream stream, int depth, CancellationToken cancel)
    {
        var line = await ReadLine(stream, cancel);
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                return new RedisException(rest);
            case ':':
                return Number(rest);
            case '$':
                return Number(rest) is >= 0 and var length ? await Bytes(stream, length, cancel) : null;
            case '*':
                var count = Number(rest);
                if (count < 0) return null;
                if (count > Items || depth == Nested) throw new InvalidDataException("It answers more than it may.");

                var items = new object?[count];
                for (var i = 0; i < count; i++) items[i] = await Read(stream, depth + 1, cancel);
                return items;
            default:
                throw new InvalidDataException("It does not speak Redis's protocol.");
        }
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new InvalidDataException("It does not speak Redis's protocol.");

    private async Task<string> ReadLine(Stream stream, CancellationToken cancel)
    {
        for (var seen = 0; ;)
        {
            var end = _buffer.AsSpan(_from + seen, _to - _from - seen).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _from, seen + end).TrimEnd('\r');
                _from += seen + end + 1;
                return line.Length > 0 ? line : throw new InvalidDataException("It does not speak Redis's protocol.");
            }

            seen = _to - _from;
            if (seen >= LineLength) throw new InvalidDataException("It answers a line that is longer than it may be.");

            await More(stream, cancel);
        }
    }

    private async Task<object> Bytes(Stream stream, long length, CancellationToken cancel)
    {
        var kept = length <= Formats.OldLimits.Bytes ? new byte[length] : null;
        for (var done = 0L; done < length + 2;)
        {
            if (_from == _to)
            {
                await More(stream, cancel);
            }

            var some = (int)Math.Min(_to - _from, length + 2 - done);
            if (kept is not null && done < length)
            {
                _buffer.AsSpan(_from, (int)Math.Min(some, length - done)).CopyTo(kept.AsSpan((int)done));
            }

            (_from, done) = (_from + some, done + some);
        }

        return kept ?? TooLong;
    }

    private async Task More(Stream stream, CancellationToken cancel)
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }

        if (_to == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_to), cancel);
        if (read == 0) throw new IOException("the connection was closed.");

        _to += read;
    }
}

/// <summary>redis://[user:password@]host[:port][/database]; rediss:// with TLS.</summary>
internal sealed record RedisAddress(string Host, int Port, bool IsTls, string? User, string? Password, int Database)
{
    public static RedisAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0) throw Wrong();

        var path = uri.AbsolutePath.Trim('/');
        var database = path.Length == 0 ? 0 : int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong();
        var who = uri.UserInfo.Split(':', 2);
        var password = who.Length == 2 ? Uri.UnescapeDataString(who[1]) : null;
        return new(uri.Host, uri.Port > 0 ? uri.Port : 6379, uri.Scheme == "rediss", who is [{ Length: > 0 } user, _] ? Uri.UnescapeDataString(user) : null, password, database);
    }

    private static CliException Wrong() => CliException.Wrong("--redis is redis://[user:password@]host[:port][/database], or rediss:// with TLS.");
}
