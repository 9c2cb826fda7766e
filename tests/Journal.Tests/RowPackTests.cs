using System.Text;

namespace Agora.Journal.Tests;

public sealed class RowPackTests
{
    private static readonly RowPack Pack = RowPack.Of([Row(3, "one"), Row(4, new string('a', 2_000_000)), Row(5, "three")]);

    [Fact]
    public void Opens_to_the_bodies_of_its_rows()
    {
        Assert.Equal((3, 5), (Pack.First, Pack.Last));
        Assert.Equal(["one", new string('a', 2_000_000), "three"], Pack.Open().Select(body => Encoding.UTF8.GetString(body.Span)));
        Assert.InRange(Pack.Bytes.Length, 20, 2_000);
    }

    [Fact]
    public void What_is_no_pack_of_so_many_rows_is_said_to_be_corrupt_whatever_its_bytes_are()
    {
        Assert.Throws<JournalCorruptException>(() => (Pack with { Last = 4 }).Open());
        Assert.Throws<JournalCorruptException>(() => (Pack with { Bytes = default }).Open());
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = Pack.Bytes.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                var bodies = (Pack with { Bytes = bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length) }).Open();
                Assert.Equal(3, bodies.Count);
            }
            catch (JournalCorruptException e)
            {
                Assert.Equal(("s/1", 3), (e.Stream, e.Seq));
            }
        }
    }

    private static JournalRow Row(long seq, string body) => new("s/1", seq, new byte[32], Encoding.UTF8.GetBytes(body));
}
