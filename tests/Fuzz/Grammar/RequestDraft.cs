using System.Globalization;
using System.Text;

namespace Agora.Fuzz.Grammar;

/// <summary>How a body's end is told.</summary>
internal enum Framing
{
    Length,
    Chunked,
    OddChunks,
    Trailers,
    TooLong,
    TooShort,
    LengthTwice,
    Both,
    Early,
    EarlyInHeaders,
}

/// <summary>A request before it is bytes.</summary>
internal sealed class RequestDraft
{
    public string Route { get; init; } = "";

    public string Method { get; set; } = "GET";

    public string Path { get; set; } = "/";

    public string Version { get; set; } = "HTTP/1.1";

    public List<(string Name, string Value)> Query { get; } = [];

    public List<(string Name, string Value)> Headers { get; } = [];

    public Json? Body { get; set; }

    /// <summary>In place of <see cref="Body"/>.</summary>
    public byte[]? Bytes { get; set; }

    public Framing Framing { get; set; }

    public byte[] BodyBytes => Bytes ?? (Body is null ? [] : Encoding.UTF8.GetBytes(Body.Write()));

    public void Replace(string name, string value)
    {
        Headers.RemoveAll(h => h.Name == name);
        Headers.Add((name, value));
    }

    public Input Write(Random random)
    {
        var body = BodyBytes;
        var head = new StringBuilder($"{Method} {Path}{(Query.Count == 0 ? "" : "?")}{string.Join('&', Query.Select(q => $"{q.Name}={q.Value}"))} {Version}\r\n");
        if (!Headers.Any(h => h.Name == "Host"))
        {
            head.Append("Host: localhost\r\n");
        }

        foreach (var (name, value) in Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        var framed = Framed(body, random);
        if (body.Length > 0 || Method is "POST" or "PUT" || Framing != Framing.Length)
        {
            head.Append(framed.Headers);
        }

        byte[] bytes = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. framed.Body];
        var early = Framing is Framing.Early or Framing.EarlyInHeaders;
        var closes = Framing is not (Framing.Length or Framing.Chunked or Framing.Trailers) || Version != "HTTP/1.1" || Odd.Methods.AsSpan(7).Contains(Method)
            || Headers.Any(h => h.Name is "Content-Length" or "Transfer-Encoding" or "Expect" or "Connection" or "Host" or "Upgrade" or "" or "A B" or "Folded" or "Null" || h.Name.Contains('\u0001', StringComparison.Ordinal));
        return new(Framing == Framing.EarlyInHeaders ? bytes[..random.Next(1, bytes.Length)] : bytes, Route, Method, closes, early);
    }

    private (string Headers, byte[] Body) Framed(byte[] body, Random random) => Framing switch
    {
        Framing.Chunked => ("Transfer-Encoding: chunked\r\n", Chunks(body, random, "")),
        Framing.Trailers => ("Transfer-Encoding: chunked\r\n", Chunks(body, random, "X-Trailer: a\r\nContent-Length: 5\r\n")),
        Framing.OddChunks => ("Transfer-Encoding: chunked\r\n", [.. Encoding.Latin1.GetBytes($"{Odd.ChunkSizes[random.Next(Odd.ChunkSizes.Length)]}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8]),
        Framing.TooLong => (Length(body.Length + random.Next(1, 50)), body),
        Framing.TooShort => (Length(Math.Max(0, body.Length - random.Next(1, 50))), body),
        Framing.LengthTwice => (Length(body.Length) + Length(body.Length + random.Next(2)), body),
        Framing.Both => (Length(body.Length) + "Transfer-Encoding: chunked\r\n", Chunks(body, random, "")),
        Framing.Early => (Length(body.Length), body.Length == 0 ? body : body[..random.Next(body.Length)]),
        _ => (Length(body.Length), body),
    };

    private static string Length(int bytes) => string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}\r\n");

    private static byte[] Chunks(byte[] body, Random random, string trailers)
    {
        var written = new List<byte>(body.Length + 64);
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(body.Length - at, random.Next(1, 1 + (random.Next(3) == 0 ? 3 : 4_096)));
            written.AddRange(Encoding.ASCII.GetBytes($"{size:x}\r\n"));
            written.AddRange(body.AsSpan(at, size));
            written.AddRange("\r\n"u8);
            at += size;
        }

        written.AddRange(Encoding.ASCII.GetBytes($"0\r\n{trailers}\r\n"));
        return [.. written];
    }
}
