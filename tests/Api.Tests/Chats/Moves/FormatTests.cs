using System.Diagnostics;
using System.Text;
using Agora.Cli.MovingIn.Formats;
using Agora.Cli.MovingIn.Old;
using Agora.Testing;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>Sessions as Flask-Session writes them: what Python wrote is read, what is written Python reads, and what is no data is refused.</summary>
public sealed class FormatTests
{
    /// <summary>By pickle.dumps of Python 3.11, of one session, in each protocol.</summary>
    private static readonly string[] Pickles =
    [
        "KGRwMApWdXNlcl9pZApwMQpWYW5uCnAyCnNWbWVzc2FnZXMKcDMKKGxwNAooZHA1ClZyb2xlCnA2ClZ1c2VyCnA3CnNWY29udGVudApwOApWR3L832UsIFx1NGUxNlx1NzU0YyBcVTAwMDFmNjAwCnA5CnNhKGRwMTAKZzYKVmFzc2lzdGFudApwMTEKc2c4ClZIZWxsby4KcDEyCnNWdGltZXN0YW1wCnAxMwpJMTcwMDAwMDAwMQpzYXNWbgpwMTQKKEkxCkktMgpMMTA5OTUxMTYyNzc3NkwKTkYxLjUKSTAwCnRwMTUKcy4=",
        "fXEAKFgHAAAAdXNlcl9pZHEBWAMAAABhbm5xAlgIAAAAbWVzc2FnZXNxA11xBCh9cQUoWAQAAAByb2xlcQZYBAAAAHVzZXJxB1gHAAAAY29udGVudHEIWBQAAABHcsO8w59lLCDkuJbnlYwg8J+YgHEJdX1xCihoBlgJAAAAYXNzaXN0YW50cQtoCFgGAAAASGVsbG8ucQxYCQAAAHRpbWVzdGFtcHENSgHxU2V1ZVgBAAAAbnEOKEsBSv7///9MMTA5OTUxMTYyNzc3NkwKTkc/+AAAAAAAAEkwMAp0cQ91Lg==",
        "gAJ9cQAoWAcAAAB1c2VyX2lkcQFYAwAAAGFubnECWAgAAABtZXNzYWdlc3EDXXEEKH1xBShYBAAAAHJvbGVxBlgEAAAAdXNlcnEHWAcAAABjb250ZW50cQhYFAAAAEdyw7zDn2UsIOS4lueVjCDwn5iAcQl1fXEKKGgGWAkAAABhc3Npc3RhbnRxC2gIWAYAAABIZWxsby5xDFgJAAAAdGltZXN0YW1wcQ1KAfFTZXVlWAEAAABucQ4oSwFK/v///4oGAAAAAAABTkc/+AAAAAAAAIl0cQ91Lg==",
        "gAN9cQAoWAcAAAB1c2VyX2lkcQFYAwAAAGFubnECWAgAAABtZXNzYWdlc3EDXXEEKH1xBShYBAAAAHJvbGVxBlgEAAAAdXNlcnEHWAcAAABjb250ZW50cQhYFAAAAEdyw7zDn2UsIOS4lueVjCDwn5iAcQl1fXEKKGgGWAkAAABhc3Npc3RhbnRxC2gIWAYAAABIZWxsby5xDFgJAAAAdGltZXN0YW1wcQ1KAfFTZXVlWAEAAABucQ4oSwFK/v///4oGAAAAAAABTkc/+AAAAAAAAIl0cQ91Lg==",
        "gASVpgAAAAAAAAB9lCiMB3VzZXJfaWSUjANhbm6UjAhtZXNzYWdlc5RdlCh9lCiMBHJvbGWUjAR1c2VylIwHY29udGVudJSMFEdyw7zDn2UsIOS4lueVjCDwn5iAlHV9lChoBowJYXNzaXN0YW50lGgIjAZIZWxsby6UjAl0aW1lc3RhbXCUSgHxU2V1ZYwBbpQoSwFK/v///4oGAAAAAAABTkc/+AAAAAAAAIl0lHUu",
        "gAWVpgAAAAAAAAB9lCiMB3VzZXJfaWSUjANhbm6UjAhtZXNzYWdlc5RdlCh9lCiMBHJvbGWUjAR1c2VylIwHY29udGVudJSMFEdyw7zDn2UsIOS4lueVjCDwn5iAlHV9lChoBowJYXNzaXN0YW50lGgIjAZIZWxsby6UjAl0aW1lc3RhbXCUSgHxU2V1ZYwBbpQoSwFK/v///4oGAAAAAAABTkc/+AAAAAAAAIl0lHUu",
    ];

    public static TheoryData<int> Protocols => [0, 1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_pickle_of_each_protocol_is_read_as_data(int protocol)
    {
        var session = OldSession.Read(new("s", Convert.FromBase64String(Pickles[protocol]), null));

        Assert.Equal((OldFormat.Pickle, "ann"), (session.Format, session.UserId));
        Assert.Equal(new OldTurn("Grüße, 世界 😀", "Hello.", null, null), Assert.Single(session.Turns(whole: true)));
        Assert.Equal(["n"], session.NotTaken);
        var map = (OldMap)OldPickle.Read(Convert.FromBase64String(Pickles[protocol]))!;
        Assert.Equal([1L, -2L, 1L << 40, null, 1.5, false], ((OldList)map["n"]!).Items);
    }

    [Theory]
    [InlineData("KGRwMApWdXNlcl9pZApwMQpWYQpwMgpzVm1lc3NhZ2VzCnAzCihscDQKY3Bvc2l4CnN5c3RlbQpwNQooVnRvdWNoIC90bXAvb3duZWQKcDYKdHA3ClJwOAphcy4=", "GLOBAL")]
    [InlineData("gAJ9cQAoWAcAAAB1c2VyX2lkcQFYAQAAAGFxAlgIAAAAbWVzc2FnZXNxA11xBGNwb3NpeApzeXN0ZW0KcQVYEAAAAHRvdWNoIC90bXAvb3duZWRxBoVxB1JxCGF1Lg==", "GLOBAL")]
    [InlineData("gASVSwAAAAAAAAB9lCiMB3VzZXJfaWSUjAFhlIwIbWVzc2FnZXOUXZSMBXBvc2l4lIwGc3lzdGVtlJOUjBB0b3VjaCAvdG1wL293bmVklIWUUpRhdS4=", "STACK_GLOBAL")]
    [InlineData("gASVTgAAAAAAAAB9lCiMB3VzZXJfaWSUjAFhlIwIbWVzc2FnZXOUXZSMAmF0lIwIZGF0ZXRpbWWUjAhkYXRldGltZZSTlEMKB+gBAQAAAAAAAJSFlFKUdS4=", "STACK_GLOBAL")]
    public void A_pickle_that_would_call_something_is_refused_by_the_name_of_what_it_asks_for(string pickle, string asks)
    {
        var refused = Assert.Throws<RefusedException>(() => OldSession.Read(new("s", Convert.FromBase64String(pickle), null)));

        Assert.Contains(asks, refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Bombs => new()
    {
        { "a pickle nested a thousand deep", [0x80, 2, .. Enumerable.Repeat((byte)']', 1_000), .. Enumerable.Repeat((byte)'a', 999), (byte)'.'] },
        { "a list that holds itself", [0x80, 2, (byte)']', (byte)'q', 0, (byte)'h', 0, (byte)'a', (byte)'.'] },
        { "a list of itself twice, thirty times over", Laughs() },
        { "a text that says it has 4 GiB", [0x80, 2, (byte)'X', 0xff, 0xff, 0xff, 0xff, (byte)'.'] },
        { "bytes that say they have 2^63", [0x80, 4, 0x8e, 0, 0, 0, 0, 0, 0, 0, 0x80, (byte)'.'] },
        { "a number of 255 bytes", [0x80, 2, 0x8a, 0xff, .. new byte[255], (byte)'.'] },
        { "a mark alone", [0x80, 2, (byte)'(', (byte)'.'] },
        { "a pickle that takes what is not there", [0x80, 2, (byte)'s', (byte)'.'] },
        { "a pickle that remembers what it never saw", [0x80, 2, (byte)'h', 7, (byte)'.'] },
        { "a pickle of protocol 9", [0x80, 9, (byte)'}', (byte)'.'] },
        { "MessagePack nested a thousand deep", [0x81, 0xa1, (byte)'a', .. Enumerable.Repeat((byte)0x91, 1_000), 0xc0] },
        { "a list that says it has 2^32 items", [0x81, 0xa1, (byte)'a', 0xdd, 0xff, 0xff, 0xff, 0xff] },
        { "a dictionary that says it has 2^32", [0xdf, 0xff, 0xff, 0xff, 0xff] },
        { "a text that is cut", [0x81, 0xa1, (byte)'a', 0xdb, 0, 0, 0, 9, (byte)'b'] },
        { "something behind it", [0x80, 0xc0] },
        { "a type that there is not", [0x81, 0xa1, (byte)'a', 0xc1] },
        { "JSON nested a thousand deep", Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 1_000) + new string(']', 1_000) + "}") },
        { "JSON that is cut", "{\"a\":"u8.ToArray() },
        { "nothing", [] },
        { "no session", "\x7fELF"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void What_is_broken_or_would_never_end_is_refused_at_once(string what, byte[] bytes)
    {
        var took = Stopwatch.StartNew();
        Assert.NotEmpty(Assert.Throws<RefusedException>(() => OldSession.Read(new("s", bytes, null))).Message);
        Assert.True(took.Elapsed < TimeSpan.FromMinutes(1), $"{what}: {took.Elapsed}");
    }

    /// <summary>A million bytes that are anything: refused or read, and nothing else comes of them.</summary>
    [Fact]
    public void Bytes_that_are_bent_are_read_or_refused_and_never_fail_otherwise()
    {
        var random = new Random(17);
        byte[][] seeds = [.. Pickles.Select(Convert.FromBase64String), OldMessagePack.Write(OldPickle.Read(Convert.FromBase64String(Pickles[4])))];
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bent = (byte[])seeds[i % seeds.Length].Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--) bent[random.Next(bent.Length)] = (byte)random.Next(256);
            try
            {
                OldSession.Read(new("s", bent, null)).Turns(whole: true);
                read++;
            }
            catch (RefusedException)
            {
                // As it should.
            }
        }

        Assert.InRange(read, 1_000, 19_000);
    }

    [Fact]
    public void What_is_written_is_read_as_it_was_in_each_format()
    {
        var session = OldPickle.Read(Convert.FromBase64String(Pickles[4]));

        Assert.Equal(OldPickle.Write(session), OldPickle.Write(OldPickle.Read(OldPickle.Write(session))));
        Assert.Equal(OldPickle.Write(session), OldPickle.Write(OldMessagePack.Read(OldMessagePack.Write(session)) is OldMap map ? Tuples(map) : null));
        var json = OldJson.Read("""{"user_id":"ann","messages":[{"role":"user","content":"a"}],"n":[1,-2,1.5,null,true,"é"],"deep":{"er":{}}}"""u8.ToArray());
        Assert.Equal(OldJson.Write(json), OldJson.Write(OldMessagePack.Read(OldMessagePack.Write(json))));
        foreach (var number in (long[])[0, 127, 128, -32, -33, 255, 65_536, int.MaxValue, long.MaxValue, long.MinValue])
        {
            Assert.Equal(number, OldMessagePack.Read(OldMessagePack.Write(number)));
            Assert.Equal(number, OldPickle.Read(OldPickle.Write(number)));
        }

        foreach (var length in (int[])[0, 31, 32, 255, 256, 65_535, 65_536])
        {
            Assert.Equal(new string('x', length), OldMessagePack.Read(OldMessagePack.Write(new string('x', length))));
            Assert.Equal(new byte[length], OldMessagePack.Read(OldMessagePack.Write(new byte[length])));
            Assert.Equal(length, ((OldList)OldMessagePack.Read(OldMessagePack.Write(new OldList([.. new object?[length]])))!).Items.Count);
        }
    }

    /// <summary>As msgspec writes them: the smallest form of each, and a time as the extension −1, which stays what it is.</summary>
    [Fact]
    public void MessagePack_of_msgspec_is_read()
    {
        byte[] bytes = [0x83, 0xa7, .. "user_id"u8, 0xcd, 0x01, 0x2c, 0xa8, .. "messages"u8, 0x91, 0x82, 0xa4, .. "role"u8, 0xa4, .. "user"u8, 0xa7, .. "content"u8, 0xd9, 0x22, .. new byte[34].Select(static _ => (byte)'y'), 0xa2, .. "at"u8, 0xd6, 0xff, 1, 2, 3, 4];

        var session = OldSession.Read(new("s", bytes, null));

        Assert.Equal((OldFormat.MessagePack, "300", new string('y', 34)), (session.Format, session.UserId, Assert.Single(session.Turns(whole: true)).Text));
        Assert.Empty(session.Turns(whole: false));
        var at = (OldExtension)((OldMap)OldMessagePack.Read(session.Write())!)["at"]!;
        Assert.Equal((-1, 4), (at.Type, at.Data.Length));
    }

    [PythonFact]
    public async Task Python_reads_the_pickle_that_is_written()
    {
        var place = Path.GetTempFileName();
        await File.WriteAllBytesAsync(place, OldPickle.Write(OldPickle.Read(Convert.FromBase64String(Pickles[4]))));
        using var python = Process.Start(new ProcessStartInfo(PythonFactAttribute.Program!, ["-c", "import pickle,sys; print(ascii(pickle.load(open(sys.argv[1],'rb'))))", place]) { RedirectStandardOutput = true })!;
        var read = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        File.Delete(place);

        Assert.Equal(@"{'user_id': 'ann', 'messages': [{'role': 'user', 'content': 'Gr\xfc\xdfe, \u4e16\u754c \U0001f600'}, {'role': 'assistant', 'content': 'Hello.', 'timestamp': 1700000001}], 'n': (1, -2, 1099511627776, None, 1.5, False)}", read.Trim());
    }

    [Fact]
    public void Messages_become_turns_and_turns_messages_without_loss()
    {
        var session = OldSession.Read(new("s", """
            {"user_id":"ann","messages":[{"role":"assistant","content":"Welcome."},{"role":"system","content":"Be short."},{"role":"user","content":"one","timestamp":"2024-05-01T10:00:00"},{"role":"user","content":"two"},{"role":"assistant","content":"2"},{"role":"assistant","content":"and 3"},{"role":"user","content":""},{"role":"user","content":"last"}]}
            """u8.ToArray(), null));
        OldTurn[] turns = [new(null, "Welcome.", null, null), new("one", null, "Be short.", new(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)), new("two", "2", "Be short.", null), new(null, "and 3", "Be short.", null), new("last", null, "Be short.", null)];

        Assert.Equal(turns, session.Turns(whole: true));
        Assert.Equal(turns[..^1], session.Turns(whole: false));
        var anew = OldSession.Begin("s", OldFormat.MessagePack, "ann");
        foreach (var turn in turns) anew.Append(turn);
        Assert.Equal(turns.Select(static turn => turn with { At = null }), OldSession.Read(new("s", anew.Write(), null)).Turns(whole: true));
    }

    /// <summary>MessagePack has no tuples: they are lists there.</summary>
    private static OldMap Tuples(OldMap map)
    {
        map.Set("n", new OldList(((OldList)map["n"]!).Items, IsTuple: true));
        return map;
    }

    private static byte[] Laughs()
    {
        List<byte> bytes = [0x80, 2, (byte)']', (byte)'q', 0];
        for (byte i = 0; i < 30; i++) bytes.AddRange([(byte)']', (byte)'q', (byte)(i + 1), (byte)'(', (byte)'h', i, (byte)'h', i, (byte)'e']);
        return [0x80, 2, (byte)'(', .. bytes[2..], (byte)'t', (byte)'.'];
    }
}

internal sealed class PythonFactAttribute : FactAttribute
{
    public static string? Program { get; } = Programs.Find("python3");

    public PythonFactAttribute() => Skip = Program is null ? "python3 is not on the PATH" : null;
}
