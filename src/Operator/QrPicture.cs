using System.Globalization;
using System.Text;
using QRCoder;

namespace Agora.Operator;

/// <summary>A text as a QR code (ISO/IEC 18004), drawn: the dark squares as one path, the quiet zone around them included.</summary>
/// <param name="Side">Squares on a side.</param>
public sealed record QrPicture(int Side, string Path)
{
    public static QrPicture Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        foreach (var (y, row) in code.ModuleMatrix.Index())
        {
            for (var x = 0; x < row.Count; x++)
            {
                if (row[x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return new(code.ModuleMatrix.Count, path.ToString());
    }
}
