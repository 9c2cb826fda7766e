using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace Agora.Fuzz.Wire;

/// <summary>A reply as it came; <see cref="Status"/> 0: the connection ended before a whole one did.</summary>
internal sealed record Heard(int Status, string Headers, string Body, bool Ends);

/// <summary>One connection on which anything can be sent: what an HTTP client would never let through is what is wanted here.</summary>
internal sealed class Wire(Uri address) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private TcpClient? _client;
    private NetworkStream? _stream;
    private int _start;
    private int _end;

    /// <exception cref="SocketException">Nobody listens any more.</exception>
    /// <exception cref="TimeoutException">What is sent is not taken.</exception>
    public async Task Send(ReadOnlyMemory<byte> bytes, bool andNoMore)
    {
        if (_client is null)
        {
            (_start, _end) = (0, 0);
            var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(address.Host, address.Port).WaitAsync(Patience);
            (_client, _stream) = (client, client.GetStream());
        }

        try
        {
            await _stream!.WriteAsync(bytes).AsTask().WaitAsync(Patience);
            if (andNoMore)
            {
                _client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It hung up while we spoke: what it said before is still to be read.
        }
    }

    /// <param name="method">Of the request: a reply to HEAD has no body, whatever its headers say.</param>
    /// <exception cref="TimeoutException">Neither a reply nor an end.</exception>
    public async Task<Heard> Hear(string method)
    {
        try
        {
            return await Read(method).WaitAsync(Patience);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            Close();
            return new(0, "", "", true);
        }
    }

    public void Close()
    {
        _client?.Dispose();
        _client = null;
    }

    public void Dispose() => Close();

    private async Task<Heard> Read(string method)
    {
        while (true)
        {
            var first = await Line();
            var status = int.Parse(first.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            var headers = new StringBuilder(first).Append('\n');
            for (var line = await Line(); line.Length > 0; line = await Line())
            {
                headers.Append(line).Append('\n');
            }

            if (status is >= 100 and < 200 && status != 101) continue;

            var text = headers.ToString();
            var length = Value(text, "Content-Length");
            var body = method == "HEAD" || status is 204 or 304 or 101 ? []
                : length is not null ? await Take(int.Parse(length, CultureInfo.InvariantCulture))
                : Value(text, "Transfer-Encoding") is not null ? await Chunked()
                : [];
            return new(status, text, Text(body, Value(text, "Content-Encoding")), Value(text, "Connection") == "close" || status == 101);
        }
    }

    public static string? Value(string headers, string name)
    {
        foreach (var line in headers.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line.Length > name.Length && line[name.Length] == ':')
            {
                return line[(name.Length + 1)..].Trim();
            }
        }

        return null;
    }

    /// <exception cref="FormatException">It is not encoded as it says.</exception>
    private static string Text(byte[] body, string? encoding)
    {
        if (body.Length == 0 || encoding is null) return Encoding.UTF8.GetString(body);

        using var source = new MemoryStream(body);
        using Stream decoded = encoding switch
        {
            "gzip" => new GZipStream(source, CompressionMode.Decompress),
            "br" => new BrotliStream(source, CompressionMode.Decompress),
            _ => throw new FormatException($"Content-Encoding is {encoding}"),
        };
        using var reader = new StreamReader(decoded, Encoding.UTF8);
        try
        {
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new FormatException($"its body is no {encoding}", e);
        }
    }

    private async Task<byte[]> Chunked()
    {
        var body = new List<byte>();
        while (true)
        {
            var size = int.Parse(await Line(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            body.AddRange(await Take(size));
            await Line();
            if (size == 0) return [.. body];
        }
    }

    private async Task<string> Line()
    {
        var line = new List<byte>(80);
        while (true)
        {
            if (_start == _end)
            {
                await Fill();
            }

            var b = _buffer[_start++];
            if (b == '\n') return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');

            line.Add(b);
        }
    }

    private async Task<byte[]> Take(int count)
    {
        var taken = new byte[count];
        for (var at = 0; at < count;)
        {
            if (_start == _end)
            {
                await Fill();
            }

            var part = Math.Min(count - at, _end - _start);
            _buffer.AsSpan(_start, part).CopyTo(taken.AsSpan(at));
            (_start, at) = (_start + part, at + part);
        }

        return taken;
    }

    private async Task Fill()
    {
        (_start, _end) = (0, await _stream!.ReadAsync(_buffer));
        if (_end == 0) throw new EndOfStreamException();
    }
}
