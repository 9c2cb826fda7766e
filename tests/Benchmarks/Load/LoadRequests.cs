using System.Text;

namespace Agora.Benchmarks.Load;

/// <summary>Whole requests, as bytes, and what each answer's body must say. They reach the generator as a file.</summary>
internal sealed record LoadRequests(IReadOnlyList<byte[]> All, byte[] MustSay)
{
    public const string Body = """{"input":{"text":"A text of the length that a short question has, so that it is neither empty nor large."}}""";

    /// <summary>Always the same order, but none in which neighbours have anything in common.</summary>
    public static LoadRequests Of(IEnumerable<byte[]> requests, string mustSay)
    {
        var all = requests.ToArray();
        new Random(1).Shuffle(all);
        return new(all, Encoding.ASCII.GetBytes(mustSay));
    }

    public static byte[] Post(string path, string? token) =>
        Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{Bearer(token)}Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

    public static byte[] Get(string path, string? token) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{Bearer(token)}\r\n");

    public void Write(string file)
    {
        using var writer = new BinaryWriter(File.Create(file));
        Write(writer, MustSay);
        writer.Write(All.Count);
        foreach (var request in All)
        {
            Write(writer, request);
        }
    }

    public static LoadRequests Read(string file)
    {
        using var reader = new BinaryReader(File.OpenRead(file));
        var mustSay = Read(reader);
        var all = new byte[reader.ReadInt32()][];
        for (var n = 0; n < all.Length; n++)
        {
            all[n] = Read(reader);
        }

        return new(all, mustSay);
    }

    private static string Bearer(string? token) => token is null ? "" : $"Authorization: Bearer {token}\r\n";

    private static void Write(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] Read(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());
}
