using System.Text;

namespace Agora.Models.Tests;

/// <summary>What is kept for equal requests is read as it was, for ever.</summary>
public sealed class StoredReplyTests
{
    private const string Vectors = """{"model":"m","usage":{"input":7},"vectors":["AACAPwAAIMA=","AAAAAA=="]}""";

    private static readonly EmbeddingReply Made = new("m", [[1f, -2.5f], [0f]], new Usage(Input: 7));

    [Fact]
    public void Vectors_are_kept_in_this_form()
    {
        Assert.Equal(Vectors, Encoding.UTF8.GetString(StoredReply.Write(Made, 1_000)!));

        var read = Assert.IsType<EmbeddingReply>(StoredReply.Read(ModelKind.Embeddings, Encoding.UTF8.GetBytes(Vectors)));
        Assert.Equal(("m", new Usage(Input: 7), Finish.Stop), (read.Model, read.Usage, read.Finish));
        Assert.Equal(Made.Vectors, read.Vectors);
    }

    [Fact]
    public void What_is_written_is_kept_as_its_events()
    {
        var reply = new ModelReply("id", "m", [new Item.Message(Role.Assistant, [new Part.Text("Hello.")])], new Usage(Input: 3, Output: 2), Finish.Stop);
        var kept = StoredReply.Write(reply, 1_000)!;

        Assert.Equal(ModelEvents.Write(ReplyEvents.Of(reply)), kept);
        Assert.Equal(kept, StoredReply.Write(StoredReply.Read(ModelKind.Chat, kept), 1_000));
    }

    [Fact]
    public void What_is_longer_than_may_be_is_not_kept()
    {
        Assert.Null(StoredReply.Write(Made, Vectors.Length - 1));
        Assert.NotNull(StoredReply.Write(Made, Vectors.Length));
        Assert.Null(StoredReply.Write(new EmbeddingReply("m", [new float[300]], null), 1_000));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"vectors\":[\"?\"]}")]
    [InlineData("[")]
    public void What_is_no_kept_reply_is_refused(string kept) => Assert.Throws<InvalidDataException>(() => StoredReply.Read(ModelKind.Embeddings, Encoding.UTF8.GetBytes(kept)));
}
