namespace Agora.Models.Tests;

/// <summary>Texts of JSON, changed a little, the same for the same seed: bytes flipped, cut, doubled, and values put where others stood.</summary>
internal sealed class MessagesMutations(int seed)
{
    private static readonly string[] Values = [
        "null", "true", "0", "-1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[]]", "{\"a\":1,\"a\":2}", "\"text\"", "\"type\":", ",", "}", "]", "\\", "\"",
    ];

    private readonly Random _random = new(seed);

    public byte[] Of(string text)
    {
        var body = new List<byte>(MessagesBytes.Of(text));
        for (var changes = _random.Next(1, 4); changes > 0; changes--)
        {
            Change(body);
        }

        return [.. body];
    }

    private void Change(List<byte> body)
    {
        if (body.Count == 0) return;

        var at = _random.Next(body.Count);
        switch (_random.Next(7))
        {
            case 0:
                body[at] = (byte)_random.Next(256);
                break;
            case 1:
                body.RemoveRange(at, Math.Min(_random.Next(1, 20), body.Count - at));
                break;
            case 2:
                body.InsertRange(at, body.GetRange(at, Math.Min(_random.Next(1, 40), body.Count - at)));
                break;
            case 3:
                body.InsertRange(at, MessagesBytes.Of(Values[_random.Next(Values.Length)]));
                break;
            default:
                Replace(body, at);
                break;
        }
    }

    /// <summary>From a colon to the next comma or closing bracket: mostly one value, so that the rest is still JSON.</summary>
    private void Replace(List<byte> body, int at)
    {
        var colon = body.IndexOf((byte)':', at);
        if (colon < 0) return;

        var end = body.FindIndex(colon + 1, b => b is (byte)',' or (byte)'}' or (byte)']');
        if (end < 0) return;

        body.RemoveRange(colon + 1, end - colon - 1);
        body.InsertRange(colon + 1, MessagesBytes.Of(Values[_random.Next(Values.Length)]));
    }
}
