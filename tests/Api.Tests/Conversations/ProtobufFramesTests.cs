using Agora.Api.Conversations.Sockets;
using Agora.Application.Operations;
using Agora.Core.Conversations;
using Google.Protobuf;

namespace Agora.Api.Tests.Conversations;

/// <summary>Bytes that a generated parser would let pass, or that are no message at all.</summary>
public sealed class ProtobufFramesTests
{
    [Theory]
    [InlineData("1A0408053201", "cut")] // a field of say is longer than its message
    [InlineData("0A400A", "cut")]
    [InlineData("0001", "cut")] // number 0
    [InlineData("0F", "of another type")] // wire type 7
    [InlineData("0A040A02FFFE", "UTF-8")]
    [InlineData("1B1C", "no type")] // a group
    [InlineData("1A020A01", "of another type")] // id is a text
    [InlineData("1A0408051807", "of another type")] // message_id is a number: it must not be lost
    [InlineData("1206088180808010", "above 2147483647")] // 2^32 + 1 credits are not one
    [InlineData("120608FFFFFFFF0F", "above 2147483647")]
    [InlineData("", "no frame")]
    [InlineData("32021001", "no frame")] // a frame that is not known
    public void Bytes_that_are_no_frame_of_the_schema_are_refused(string hex, string why)
    {
        var findings = new Findings();

        Assert.Null(new ProtobufFrames().Read(Convert.FromHexString(hex), findings));
        Assert.Contains(why, findings.Refusal!.Message, StringComparison.Ordinal);
    }

    /// <summary>Field 15 of the frame, and field 9 of the credit.</summary>
    [Fact]
    public void Fields_that_are_not_known_are_passed_over() =>
        Assert.Equal(new ClientFrame.Credit(5), new ProtobufFrames().Read(Convert.FromHexString("7A0161120408054807"), new Findings()));

    /// <summary>Each would otherwise be an object of its own until the frame is forgotten: fifty times the bytes that came.</summary>
    [Fact]
    public void Fields_that_are_not_known_take_no_memory()
    {
        var message = new MemoryStream();
        using (var output = new CodedOutputStream(message, leaveOpen: true))
        {
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(0x08, 0x05)); // five credits
            for (var number = 16; output.Position < TalkLimits.FrameBytes - 8; number++)
            {
                output.WriteTag(number, WireFormat.WireType.Varint);
                output.WriteUInt32(0);
            }
        }

        var (frames, bytes) = (new ProtobufFrames(), message.ToArray());
        frames.Read(bytes.AsMemory(0, 4), new Findings());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(new ClientFrame.Credit(5), frames.Read(bytes, new Findings()));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bytes.Length);
    }
}
